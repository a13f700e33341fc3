import type { MLGraphBuilder, MLOperand, MLOperandDataType } from '@halyard/core';
import { newBuilder } from './record.js';

export type Operands = (dataType: MLOperandDataType, ...shape: number[]) => MLOperand;
export type Use = (builder: MLGraphBuilder, operand: Operands) => MLOperand | readonly MLOperand[];

/** The graph's results, on operands that are inputs named by number. */
export function perform(build: Use, builder: MLGraphBuilder): readonly MLOperand[] {
  let count = 0;
  return [build(builder, (dataType, ...shape) => builder.input(`x${count++}`, { dataType, shape }))].flat();
}

/** Data types and shapes of the results. */
export function inferred(build: Use): string {
  return perform(build, newBuilder())
    .map(({ dataType, shape }) => `${dataType}[${shape}]`)
    .join(' ');
}

export const f = 'float32';
export const i = 'int32';

/** What each operator infers. */
export const accepted: Record<string, readonly [Use, string][]> = {
  unary: [
    [(b, x) => b.abs(x('int8', 2, 3)), 'int8[2,3]'],
    [(b, x) => b.exp(x('bfloat16')), 'bfloat16[]'],
    [(b, x) => b.identity(x('uint64', 0, 4)), 'uint64[0,4]'],
    [(b, x) => b.isNaN(x('float16', 4)), 'uint8[4]'],
    [(b, x) => b.logicalNot(x('uint8', 4)), 'uint8[4]'],
    [(b, x) => b.cast(x(f, 4), 'int64'), 'int64[4]'],
    [(b, x) => b.triangular(x(i, 2, 3)), 'int32[2,3]'],
    [(b, x) => b.relu(x('int64', 1)), 'int64[1]'],
    [(b, x) => b.clamp(x('uint8', 1), { minValue: 3 }), 'uint8[1]'],
    [(b, x) => b.silu(x('float16', 1)), 'float16[1]'],
  ],
  binary: [
    [(b, x) => b.add(x(f, 2, 1, 3), x(f, 4, 1)), 'float32[2,4,3]'],
    [(b, x) => b.max(x('uint64'), x('uint64', 0)), 'uint64[0]'],
    [(b, x) => b.greater(x(i, 2), x(i)), 'uint8[2]'],
    [(b, x) => b.logicalXor(x('uint8', 2), x('uint8', 1)), 'uint8[2]'],
    [(b, x) => b.prelu(x(f, 2, 3), x(f, 4, 2, 1)), 'float32[4,2,3]'],
    [(b, x) => b.where(x('uint8', 3, 1), x(i, 2), x(i)), 'int32[3,2]'],
    [(b, x) => b.quantizeLinear(x('float16', 4, 6), x('float16', 2, 1), x('int8', 2, 1)), 'int8[4,6]'],
    [(b, x) => b.dequantizeLinear(x(i, 4), x('float16', 4), x(i, 4)), 'float16[4]'],
  ],
  reductions: [
    [(b, x) => b.reduceSum(x(f, 2, 3, 4)), 'float32[]'],
    [(b, x) => b.reduceMax(x('uint8', 2, 3, 4), { axes: [2, 0] }), 'uint8[3]'],
    [(b, x) => b.reduceMean(x(f, 2, 3, 4), { axes: [1], keepDimensions: true }), 'float32[2,1,4]'],
    [(b, x) => b.reduceL1(x(i, 2), { axes: [] }), 'int32[2]'],
    [(b, x) => b.reduceSum(x(f, 0, 3), { axes: [0] }), 'float32[3]'],
    [(b, x) => b.argMax(x(f, 2, 3), 1), 'int32[2]'],
    [(b, x) => b.argMin(x(f, 2, 3), 0, { keepDimensions: true, outputDataType: 'int64' }), 'int64[1,3]'],
    [(b, x) => b.cumulativeSum(x('uint32', 2, 3), 1), 'uint32[2,3]'],
  ],
  normalizations: [
    [(b, x) => b.softmax(x('float16', 2, 3), 1), 'float16[2,3]'],
    [(b, x) => b.batchNormalization(x(f, 2, 3), x(f, 3), x(f, 3), { scale: x(f, 3) }), 'float32[2,3]'],
    [(b, x) => b.instanceNormalization(x(f, 1, 2, 3, 4), { bias: x(f, 4), layout: 'nhwc' }), 'float32[1,2,3,4]'],
    [(b, x) => b.layerNormalization(x(f, 2, 3, 4), { scale: x(f, 3, 4) }), 'float32[2,3,4]'],
    [(b, x) => b.layerNormalization(x(f, 2, 3, 4), { axes: [2, 0], bias: x(f, 4, 2) }), 'float32[2,3,4]'],
    [(b, x) => b.layerNormalization(x(f)), 'float32[]'],
    [(b, x) => b.rmsNormalization(x(f, 2, 3, 4), { scale: x(f, 4) }), 'float32[2,3,4]'],
  ],
  products: [
    [(b, x) => b.matmul(x(f, 5, 1, 2, 3), x(f, 4, 3, 6)), 'float32[5,4,2,6]'],
    [(b, x) => b.matmul(x(f, 2, 0), x(f, 0, 3)), 'float32[2,3]'],
    [(b, x) => b.gemm(x(f, 3, 2), x(f, 4, 3), { aTranspose: true, bTranspose: true, c: x(f, 4) }), 'float32[2,4]'],
    [
      (b, x) =>
        b.matmul(x(f, 2, 64), b.transpose(b.constant({ dataType: 'q8_0', shape: [3, 64] }, new Uint8Array(204)))),
      'float32[2,3]',
    ],
    [(b, x) => b.scaledDotProductAttention(x(f, 1, 8, 3, 16), x(f, 1, 2, 9, 16), x(f, 1, 2, 9, 4)), 'float32[1,8,3,4]'],
    [
      (b, x) => b.scaledDotProductAttention(x(f, 1, 1, 3, 2), x('float16', 1, 1, 9, 2), x('float16', 1, 1, 9, 2)),
      'float32[1,1,3,2]',
    ],
    [(b, x) => b.rotaryEmbedding(x(f, 1, 9, 5, 64), x(f, 5, 32), x(f, 5, 32)), 'float32[1,9,5,64]'],
  ],
  layout: [
    [(b, x) => b.transpose(x(f, 2, 3, 4)), 'float32[4,3,2]'],
    [(b, x) => b.transpose(x(f, 2, 3, 4), { permutation: [1, 2, 0] }), 'float32[3,4,2]'],
    [(b, x) => b.reshape(x(f, 2, 6), [3, 1, 4]), 'float32[3,1,4]'],
    [(b, x) => b.reshape(x(f, 1, 1), []), 'float32[]'],
    [(b, x) => b.expand(x(f, 2, 1), [3, 2, 5]), 'float32[3,2,5]'],
    [(b, x) => b.slice(x(f, 4, 9), [1, 2], [3, 7], { strides: [1, 3] }), 'float32[3,3]'],
    [(b, x) => b.slice(x(f, 4), [4], [0]), 'float32[0]'],
    [(b, x) => b.split(x(f, 6, 2), 3), 'float32[2,2] float32[2,2] float32[2,2]'],
    [(b, x) => b.split(x(f, 2, 6), [1, 5, 0], { axis: 1 }), 'float32[2,1] float32[2,5] float32[2,0]'],
    [(b, x) => b.reverse(x(f, 2, 6), { axes: [1] }), 'float32[2,6]'],
    [(b, x) => b.concat([x(f, 2, 1), x(f, 2, 0), x(f, 2, 4)], 1), 'float32[2,5]'],
    [(b, x) => b.pad(x(f, 2, 3), [1, 0], [0, 2]), 'float32[3,5]'],
    [(b, x) => b.pad(x(f, 2, 3), [1, 2], [1, 2], { mode: 'reflection' }), 'float32[4,7]'],
    [(b, x) => b.tile(x(f, 2, 3), [2, 0]), 'float32[4,0]'],
  ],
  indexing: [
    [(b, x) => b.gather(x(f, 4, 5, 6), x('uint32', 2, 3), { axis: 1 }), 'float32[4,2,3,6]'],
    [(b, x) => b.gather(x(f, 4), x('int64')), 'float32[]'],
    [
      (b, x) => b.gather(b.constant({ dataType: 'q8_0', shape: [3, 64] }, new Uint8Array(204)), x(i, 2)),
      'float32[2,64]',
    ],
    [(b, x) => b.gatherElements(x(f, 4, 5), x(i, 4, 2), { axis: 1 }), 'float32[4,2]'],
    [(b, x) => b.gatherND(x(f, 4, 5, 6), x(i, 7, 2)), 'float32[7,6]'],
    [(b, x) => b.scatterElements(x(f, 4, 5), x(i, 2, 5), x(f, 2, 5)), 'float32[4,5]'],
    [(b, x) => b.scatterND(x(f, 4, 5), x(i, 3, 1), x(f, 3, 5)), 'float32[4,5]'],
    [(b, x) => b.topK(x('float16', 2, 9), 3), 'float16[2,3] int32[2,3]'],
    [(b, x) => b.topK(x(f, 2, 9), 1, { axis: 0, outputDataType: 'int64' }), 'float32[1,9] int64[1,9]'],
    [(b, x) => b.oneHot(x(i, 2, 3), 5, { axis: 1 }), 'float32[2,5,3]'],
    [(b, x) => b.randomUniform(x('uint32'), x('uint32'), { shape: [2, 3] }), 'float32[2,3]'],
  ],
};
