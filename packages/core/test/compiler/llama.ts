import type { ConstantSource, Graph, MLOperand } from '@halyard/core';
import { byteLength, MLGraphBuilder } from '@halyard/core';

export interface LlamaShape {
  readonly layers: number;
  readonly tokens: number;
  readonly size: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly capacity: number;
  readonly weights: 'q4_1' | 'float32';
  readonly cache: 'float16' | 'float32';
  /** Whether query, key and value projections have a bias, as in Qwen2. */
  readonly hasBias: boolean;
}

export const smallLlama: LlamaShape = {
  layers: 2,
  tokens: 1,
  size: 64,
  heads: 4,
  keyHeads: 2,
  headSize: 16,
  inner: 96,
  vocabulary: 128,
  capacity: 24,
  weights: 'float32',
  cache: 'float32',
  hasBias: false,
};

/** The graph of anything that is built with a builder. */
export async function graphOf(build: (builder: MLGraphBuilder) => Record<string, MLOperand>): Promise<Graph> {
  let graph: Graph | undefined;
  const context = {
    opSupportLimits: () => ({}) as never,
    compile: async (built: Graph) => {
      graph = built;
      return undefined as never;
    },
  };
  const builder = new MLGraphBuilder(context);
  await builder.build(build(builder));
  return graph!;
}

/** Weights in a file: passes must do without their contents. */
function weights(name: string, dataType: 'q4_1' | 'float32', shape: readonly number[]): ConstantSource {
  return { fingerprint: name, parts: [{ path: `${name}.bin`, offset: 0, bytes: byteLength(dataType, shape) }] };
}

/** One step of a Llama: tokens in, the next token out, keys and values kept in states. */
export function llamaStep(shape: LlamaShape): Promise<Graph> {
  const { layers, tokens, size, heads, keyHeads, headSize, inner, vocabulary, capacity } = shape;
  return graphOf((builder) => {
    const constant = (name: string, dataType: 'q4_1' | 'float32', extents: number[]) =>
      builder.constant({ dataType, shape: extents }, weights(name, dataType, extents), { label: name });
    const linear = (x: MLOperand, name: string, columns: number, rows: number) =>
      builder.matmul(x, builder.transpose(constant(name, shape.weights, [rows, columns])));
    const projection = (x: MLOperand, name: string, rows: number) => {
      const product = linear(x, name, size, rows);
      return shape.hasBias ? builder.add(product, constant(`${name}.bias`, 'float32', [rows])) : product;
    };
    const byHead = (x: MLOperand, count: number) =>
      builder.transpose(builder.reshape(x, [1, tokens, count, headSize]), { permutation: [0, 2, 1, 3] });
    const norm = (x: MLOperand, name: string) =>
      builder.rmsNormalization(x, { scale: constant(name, 'float32', [size]), axes: [1], epsilon: 1e-5 });

    const ids = builder.input('tokens', { dataType: 'int32', shape: [tokens] });
    const positions = builder.input('positions', { dataType: 'int32', shape: [tokens] });
    const lengths = builder.input('lengths', { dataType: 'int32', shape: [1] });
    const angle = (name: string) =>
      builder.gather(constant(name, 'float32', [capacity, headSize / 2]), positions, { axis: 0 });
    const [cosine, sine] = [angle('cosine'), angle('sine')];
    const embedding = constant('embedding', shape.weights, [vocabulary, size]);
    let hidden = builder.gather(embedding, ids, { axis: 0 });
    for (let layer = 0; layer < layers; layer++) {
      const name = (part: string) => `${part}.${layer}`;
      const x = norm(hidden, name('inputNorm'));
      const query = byHead(projection(x, name('query'), heads * headSize), heads);
      const key = byHead(projection(x, name('key'), keyHeads * headSize), keyHeads);
      const value = byHead(projection(x, name('value'), keyHeads * headSize), keyHeads);
      const cache = (part: string) =>
        builder.state(name(part), { dataType: shape.cache, shape: [1, keyHeads, capacity, headSize] });
      const stored = (x: MLOperand) => (shape.cache === 'float32' ? x : builder.cast(x, shape.cache));
      const rows = { axis: 2, rows: positions };
      const keys = builder.assign(cache('keys'), stored(builder.rotaryEmbedding(key, cosine, sine)), rows);
      const values = builder.assign(cache('values'), stored(value), rows);
      const attended = builder.scaledDotProductAttention(builder.rotaryEmbedding(query, cosine, sine), keys, values, {
        lengths,
        causal: true,
      });
      const joined = builder.reshape(builder.transpose(attended, { permutation: [0, 2, 1, 3] }), [
        tokens,
        heads * headSize,
      ]);
      hidden = builder.add(hidden, linear(joined, name('output'), heads * headSize, size));
      const y = norm(hidden, name('outputNorm'));
      const gated = builder.mul(builder.silu(linear(y, name('gate'), size, inner)), linear(y, name('up'), size, inner));
      hidden = builder.add(hidden, linear(gated, name('down'), inner, size));
    }
    const last = builder.slice(norm(hidden, 'norm'), [tokens - 1, 0], [1, size]);
    const logits = builder.matmul(last, builder.transpose(embedding));
    return { token: builder.reshape(builder.argMax(logits, 1), [1]), logits };
  });
}
