import { breathe, type ConstantSource, type MLGraphBuilder, type MLOperand } from '@halyard/core';
import { concatenateRows, type Weight } from '../formats/weights.js';
import { type Decoder, decoderTensors } from './decoder-description.js';
import { linear, lookUp, parameter } from './linear.js';

/** What a decoder's graphs share. */
export interface DecoderScope {
  readonly decoder: Decoder;
  /** Positions that the key/value cache has room for. */
  readonly capacity: number;
  readonly cacheType: 'float16' | 'float32';
  /** float32 [capacity, headSize / 2] each. */
  readonly cosine: ConstantSource;
  readonly sine: ConstantSource;
}

/** int32 throughout. */
export interface DecoderInputs {
  /** [n] */
  readonly tokens: MLOperand;
  /** [n]: where in the sequence each token stands. */
  readonly positions: MLOperand;
  /** [n]: where in the cache its key and value go; outside of the cache they are dropped. */
  readonly rows: MLOperand;
  /** [1]: how many positions there are with these. */
  readonly lengths: MLOperand;
}

/** Of each layer, the names of the states that hold keys and values: [keyHeads, capacity, headSize]. */
export function cacheNames(layer: number): { readonly key: string; readonly value: string } {
  return { key: `key.${layer}`, value: `value.${layer}` };
}

/** Shape of each of the cache's states. */
export function cacheShape({ decoder, capacity }: DecoderScope): readonly number[] {
  const { keyHeads, headSize } = decoder.description;
  return [keyHeads, capacity, headSize];
}

/**
 * Runs tokens through all layers and writes their keys and values into the cache.
 *
 * @returns float32 [n, hiddenSize], before the last normalization
 */
export async function decoderLayers(
  builder: MLGraphBuilder,
  scope: DecoderScope,
  inputs: DecoderInputs,
): Promise<MLOperand> {
  const { description, weights } = scope.decoder;
  const { hiddenSize, vocabularySize, headSize } = description;
  const table = (name: string, source: ConstantSource) =>
    builder.gather(
      builder.constant({ dataType: 'float32', shape: [scope.capacity, headSize / 2] }, source, { label: name }),
      inputs.positions,
      { label: name },
    );
  const angles = { cosine: table('rotary.cosine', scope.cosine), sine: table('rotary.sine', scope.sine) };
  let x = lookUp(builder, weights.get(decoderTensors.embedding, [vocabularySize, hiddenSize]), inputs.tokens);
  for (let layer = 0; layer < description.layers; layer++) {
    await breathe();
    x = builder.add(x, attention(builder, scope, inputs, angles, layer, x), { label: `${layer}.attention.residual` });
    x = builder.add(x, feedForward(builder, scope, layer, x), { label: `${layer}.feed-forward.residual` });
  }
  return x;
}

/** float32 [n, hiddenSize] → logits, float32 [n, vocabularySize]; with tied embeddings they are read once more. */
export function decoderHead(builder: MLGraphBuilder, { decoder }: DecoderScope, x: MLOperand): MLOperand {
  const { description, weights } = decoder;
  const { hiddenSize, vocabularySize } = description;
  const name = weights.has(decoderTensors.output) ? decoderTensors.output : decoderTensors.embedding;
  const normalized = normalize(builder, decoder, x, decoderTensors.outputNormalization);
  return linear(builder, normalized, weights.get(name, [vocabularySize, hiddenSize]), { label: 'head' });
}

function normalize(builder: MLGraphBuilder, { description, weights }: Decoder, x: MLOperand, name: string): MLOperand {
  const scale = parameter(builder, weights.get(name, [description.hiddenSize]));
  return builder.rmsNormalization(x, { scale, epsilon: description.normalizationEpsilon, label: name });
}

interface Angles {
  readonly cosine: MLOperand;
  readonly sine: MLOperand;
}

function attention(
  builder: MLGraphBuilder,
  scope: DecoderScope,
  { rows, lengths }: DecoderInputs,
  { cosine, sine }: Angles,
  layer: number,
  x: MLOperand,
): MLOperand {
  const { decoder, capacity, cacheType } = scope;
  const { heads, keyHeads, headSize, hiddenSize, rotary } = decoder.description;
  const names = decoderTensors.layer(layer);
  const count = x.shape[0]!;
  const label = (part: string) => `${layer}.attention.${part}`;
  const [query, key, value] = queryKeyValue(
    builder,
    decoder,
    layer,
    normalize(builder, decoder, x, names.attentionNormalization),
  );
  /** [n, heads · headSize] → [heads, n, headSize] */
  const byHead = (projection: MLOperand, headCount: number) =>
    builder.transpose(builder.reshape(projection, [count, headCount, headSize]), { permutation: [1, 0, 2] });
  const rotate = (projection: MLOperand, part: string) =>
    builder.rotaryEmbedding(projection, cosine, sine, { layout: rotary.layout, label: label(part) });
  const remember = (name: string, content: MLOperand) => {
    const state = builder.state(name, { dataType: cacheType, shape: cacheShape(scope) });
    const stored = cacheType === 'float32' ? content : builder.cast(content, cacheType, { label: name });
    const after = builder.assign(state, stored, { axis: 1, rows, label: name });
    return builder.reshape(after, [1, keyHeads, capacity, headSize]);
  };
  const cache = cacheNames(layer);
  const keys = remember(cache.key, rotate(byHead(key, keyHeads), 'key.rotary'));
  const values = remember(cache.value, byHead(value, keyHeads));
  const rotated = builder.reshape(rotate(byHead(query, heads), 'query.rotary'), [1, heads, count, headSize]);
  const attended = builder.scaledDotProductAttention(rotated, keys, values, {
    lengths,
    causal: true,
    label: label('scores'),
  });
  const joined = builder.reshape(builder.transpose(attended, { permutation: [0, 2, 1, 3] }), [count, heads * headSize]);
  const output = decoder.weights.get(names.attentionOutput, [hiddenSize, heads * headSize]);
  return linear(builder, joined, output, { label: label('output') });
}

/** In one product where the three matrices are of one type, else in three. */
function queryKeyValue(
  builder: MLGraphBuilder,
  { description, weights }: Decoder,
  layer: number,
  x: MLOperand,
): [query: MLOperand, key: MLOperand, value: MLOperand] {
  const { heads, keyHeads, headSize, hiddenSize, attentionBias } = description;
  const names = decoderTensors.layer(layer);
  const sizes = [heads * headSize, keyHeads * headSize, keyHeads * headSize];
  const parts = [names.query, names.key, names.value];
  const matrices = parts.map((name, i) => weights.get(`${name}.weight`, [sizes[i]!, hiddenSize]));
  const biases = attentionBias ? parts.map((name, i) => weights.get(`${name}.bias`, [sizes[i]!])) : undefined;
  const matrix = concatenateRows(matrices);
  const bias = biases === undefined ? undefined : concatenateRows(biases);
  if (matrix !== undefined && (biases === undefined) === (bias === undefined)) {
    const together = linear(builder, x, matrix, { label: `${layer}.attention.query-key-value`, bias });
    return builder.split(together, sizes, { axis: 1 }) as [MLOperand, MLOperand, MLOperand];
  }
  const apart = matrices.map((weight: Weight, i) =>
    linear(builder, x, weight, { label: parts[i]!, bias: biases?.[i] }),
  );
  return apart as [MLOperand, MLOperand, MLOperand];
}

function feedForward(builder: MLGraphBuilder, { decoder }: DecoderScope, layer: number, x: MLOperand): MLOperand {
  const { description, weights } = decoder;
  const { hiddenSize, feedForwardSize } = description;
  const names = decoderTensors.layer(layer);
  const label = (part: string) => `${layer}.feed-forward.${part}`;
  const normalized = normalize(builder, decoder, x, names.feedForwardNormalization);
  const expand = (name: string, part: string) =>
    linear(builder, normalized, weights.get(name, [feedForwardSize, hiddenSize]), { label: label(part) });
  const gate = builder.silu(expand(names.gate, 'gate'), { label: label('silu') });
  const gated = builder.mul(gate, expand(names.up, 'up'), { label: label('gated') });
  return linear(builder, gated, weights.get(names.down, [hiddenSize, feedForwardSize]), { label: label('down') });
}
