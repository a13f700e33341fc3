import { breathe, HalyardError, type MLGraphBuilder, type MLOperand } from '@halyard/core';
import { badFile } from '../formats/bad-file.js';
import { Metadata } from '../formats/metadata.js';
import { type Weight, Weights } from '../formats/weights.js';
import type { OpenedModel } from '../worker/protocol.js';
import { linear, lookUp, parameter } from './linear.js';

/** A BERT-style encoder (Devlin et al., 2019) as `config.json` describes it. */
export interface BertDescription {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly heads: number;
  readonly vocabularySize: number;
  /** Positions that the model has embeddings for. */
  readonly positions: number;
  readonly tokenTypes: number;
  readonly normalizationEpsilon: number;
}

export interface Bert {
  readonly description: BertDescription;
  readonly weights: Weights;
  /** What the names of the tensors begin with: `` or `bert.`. */
  readonly prefix: string;
}

/** @throws HalyardError `unsupported` for another kind of model, or `bad-file` */
export function readBert(model: OpenedModel): Bert {
  const config = new Metadata(model.path, model.metadata);
  const architecture = config.text(model.format === 'gguf' ? 'general.architecture' : 'model_type');
  const activation = config.text('hidden_act', 'gelu');
  const positions = config.text('position_embedding_type', 'absolute');
  const differs =
    model.format === 'gguf' || architecture !== 'bert' || activation !== 'gelu' || positions !== 'absolute';
  if (differs) {
    throw new HalyardError('unsupported', {
      found: `${model.path} is a ${architecture} in ${model.format} with ${activation} and ${positions} positions`,
      expected: 'a folder of safetensors with a bert, gelu and absolute positions',
      remedy: 'Choose a BERT-style encoder such as all-MiniLM-L6-v2 (`minilm`)',
    });
  }
  const weights = new Weights(model.tensors, model.identity);
  const hiddenSize = config.integer('hidden_size', 1, 1 << 16);
  const heads = config.integer('num_attention_heads', 1, 1 << 10);
  if (hiddenSize % heads !== 0) {
    const expected = `divides hidden_size, ${hiddenSize}`;
    throw badFile({ path: model.path, field: 'num_attention_heads', found: `${heads}`, expected });
  }
  return {
    weights,
    prefix: weights.has('embeddings.word_embeddings.weight') ? '' : 'bert.',
    description: {
      layers: config.integer('num_hidden_layers', 1, 1 << 10),
      hiddenSize,
      feedForwardSize: config.integer('intermediate_size', 1, 1 << 20),
      heads,
      vocabularySize: config.integer('vocab_size', 1, 1 << 24),
      positions: config.integer('max_position_embeddings', 1, 1 << 20),
      tokenTypes: config.integer('type_vocab_size', 1, 1 << 10, 2),
      normalizationEpsilon: config.positive('layer_norm_eps', 1e-12),
    },
  };
}

/**
 * @param tokens int32 [batch, n]
 * @param lengths int32 [batch]: how many of them are real
 * @returns float32 [batch, n, hiddenSize]
 */
export async function bertLayers(
  builder: MLGraphBuilder,
  bert: Bert,
  tokens: MLOperand,
  lengths: MLOperand,
): Promise<MLOperand> {
  const { description } = bert;
  let x = embed(builder, bert, tokens);
  for (let layer = 0; layer < description.layers; layer++) {
    await breathe();
    const name = `encoder.layer.${layer}`;
    const attended = attention(builder, bert, `${name}.attention`, x, lengths);
    const y = normalize(builder, bert, `${name}.attention.output.LayerNorm`, builder.add(attended, x));
    const expanded = dense(builder, bert, `${name}.intermediate.dense`, y, description.feedForwardSize);
    const contracted = dense(builder, bert, `${name}.output.dense`, builder.gelu(expanded), description.hiddenSize);
    x = normalize(builder, bert, `${name}.output.LayerNorm`, builder.add(contracted, y));
  }
  return x;
}

function embed(builder: MLGraphBuilder, bert: Bert, tokens: MLOperand): MLOperand {
  const { hiddenSize, vocabularySize, positions, tokenTypes } = bert.description;
  const table = (name: string, rows: number) =>
    parameter(builder, weight(bert, `embeddings.${name}.weight`, [rows, hiddenSize]));
  const words = lookUp(
    builder,
    weight(bert, 'embeddings.word_embeddings.weight', [vocabularySize, hiddenSize]),
    tokens,
  );
  const places = builder.slice(table('position_embeddings', positions), [0, 0], [tokens.shape[1]!, hiddenSize]);
  const type = builder.slice(table('token_type_embeddings', tokenTypes), [0, 0], [1, hiddenSize]);
  return normalize(builder, bert, 'embeddings.LayerNorm', builder.add(builder.add(words, type), places));
}

function attention(builder: MLGraphBuilder, bert: Bert, name: string, x: MLOperand, lengths: MLOperand): MLOperand {
  const { heads, hiddenSize } = bert.description;
  const [batch, count] = x.shape as [number, number, number];
  const byHead = (part: string) => {
    const projection = dense(builder, bert, `${name}.self.${part}`, x, hiddenSize);
    const split = builder.reshape(projection, [batch, count, heads, hiddenSize / heads]);
    return builder.transpose(split, { permutation: [0, 2, 1, 3] });
  };
  const attended = builder.scaledDotProductAttention(byHead('query'), byHead('key'), byHead('value'), {
    lengths,
    label: `${name}.self`,
  });
  const joined = builder.reshape(builder.transpose(attended, { permutation: [0, 2, 1, 3] }), [
    batch,
    count,
    hiddenSize,
  ]);
  return dense(builder, bert, `${name}.output.dense`, joined, hiddenSize);
}

function dense(builder: MLGraphBuilder, bert: Bert, name: string, x: MLOperand, size: number): MLOperand {
  const matrix = weight(bert, `${name}.weight`, [size, x.shape.at(-1)!]);
  return linear(builder, x, matrix, { label: name, bias: weight(bert, `${name}.bias`, [size]) });
}

function normalize(builder: MLGraphBuilder, bert: Bert, name: string, x: MLOperand): MLOperand {
  const { hiddenSize, normalizationEpsilon: epsilon } = bert.description;
  const scale = parameter(builder, weight(bert, `${name}.weight`, [hiddenSize]));
  const bias = parameter(builder, weight(bert, `${name}.bias`, [hiddenSize]));
  return builder.layerNormalization(x, { scale, bias, axes: [x.shape.length - 1], epsilon, label: name });
}

function weight({ weights, prefix }: Bert, name: string, shape: readonly number[]): Weight {
  return weights.get(prefix + name, shape);
}
