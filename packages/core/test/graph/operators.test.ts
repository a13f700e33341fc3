import { describe, expect, it } from 'vitest';
import { accepted, f, i, inferred, type Use } from './uses.js';

/** What each operator rejects, and the words with which it does. */
const refused: Record<string, readonly [Use, RegExp][]> = {
  unary: [
    [(b, x) => b.exp(x(i)), /input.*int32/],
    [(b, x) => b.neg(x('uint8')), /uint8/],
    [(b, x) => b.logicalNot(x(f)), /float32/],
    [(b, x) => b.isNaN(x(i)), /int32/],
    [(b, x) => b.cast(x(f), 'q4_0'), /dataType 'q4_0'/],
    [(b, x) => b.cast(x(f), undefined as never), /dataType|undefined/],
    [(b, x) => b.triangular(x(f, 3)), /shape \[3\]/],
    [(b, x) => b.triangular(x(f, 3, 3), { diagonal: 0.5 }), /diagonal 0.5/],
    [(b, x) => b.clamp(x(f), { minValue: 2, maxValue: 1 }), /minValue 2 and maxValue 1/],
    [(b, x) => b.clamp(x('int64'), { minValue: 2n ** 60n, maxValue: 2n ** 60n - 1n }), /minValue/],
    [(b, x) => b.elu(x(f), { alpha: Number.NaN }), /alpha NaN/],
    [(b, x) => b.linear(x(f), { beta: Number.POSITIVE_INFINITY }), /beta Infinity/],
    [(b, x) => b.gelu(x('int8')), /int8/],
  ],
  binary: [
    [(b, x) => b.add(x(f, 2), x(f, 3)), /a of shape \[2\] and b of shape \[3\]/],
    [(b, x) => b.add(x(f, 0), x(f, 3)), /\[0\] and b/],
    [(b, x) => b.add(x(f), x('float16')), /b.*float16/],
    [(b, x) => b.logicalAnd(x(f), x(f)), /float32/],
    [(b, x) => b.where(x(f), x(f), x(f)), /condition.*float32/],
    [(b, x) => b.where(x('uint8', 2), x(f, 3), x(f)), /condition of shape \[2\]/],
    [(b, x) => b.quantizeLinear(x(f, 4), x(f, 3), x('int8', 3)), /scale of shape \[3\]/],
    [(b, x) => b.quantizeLinear(x(f, 4), x(f), x('int8')), /scale of shape \[\]/],
    [(b, x) => b.quantizeLinear(x(f, 4), x(f, 2), x('int8', 4)), /zeroPoint of shape \[4\]/],
    [(b, x) => b.dequantizeLinear(x('int8', 4), x(f, 2), x('uint8', 2)), /zeroPoint.*uint8/],
  ],
  reductions: [
    [(b, x) => b.reduceSum(x(f, 2), { axes: [1] }), /axes 1/],
    [(b, x) => b.reduceSum(x(f, 2, 2), { axes: [1, 1] }), /axes \[1, 1\]/],
    [(b, x) => b.reduceSum(x(f, 2), { axes: [-1] }), /axes \[-1\]/],
    [(b, x) => b.reduceSum(x(f, 2), { axes: 0 as never }), /axes 0/],
    [(b, x) => b.reduceMean(x(i, 2)), /int32/],
    [(b, x) => b.reduceSum(x('int8', 2)), /int8/],
    [(b, x) => b.reduceSum(x(f, 2), { keepDimensions: 1 as never }), /keepDimensions 1/],
    [(b, x) => b.argMax(x(f, 2), 1), /axis 1/],
    [(b, x) => b.argMax(x(f), 0), /shape \[\]/],
    [(b, x) => b.argMax(x(f, 2, 0), 1), /extent 0/],
    [(b, x) => b.argMax(x(f, 2), 0, { outputDataType: 'int8' as never }), /outputDataType 'int8'/],
    [(b, x) => b.cumulativeSum(x(f, 2), undefined as never), /axis|undefined/],
  ],
  normalizations: [
    [(b, x) => b.softmax(x(f), 0), /shape \[\]/],
    [(b, x) => b.softmax(x(f, 2), 1), /axis 1/],
    [(b, x) => b.softmax(x(f, 2), -1), /axis -1/],
    [(b, x) => b.batchNormalization(x(f, 2, 3), x(f, 2), x(f, 3)), /mean of shape \[2\]/],
    [(b, x) => b.batchNormalization(x(f, 2), x(f, 2), x(f, 2)), /axis 1/],
    [(b, x) => b.instanceNormalization(x(f, 2, 3)), /shape \[2, 3\]/],
    [(b, x) => b.instanceNormalization(x(f, 1, 2, 3, 4), { scale: x(f, 3) }), /scale of shape \[3\]/],
    [(b, x) => b.layerNormalization(x(f, 2, 3), { scale: x(f, 2) }), /scale of shape \[2\]/],
    [(b, x) => b.layerNormalization(x(f, 2, 3), { axes: [0, 0] }), /axes \[0, 0\]/],
    [(b, x) => b.rmsNormalization(x(f, 2, 3), { scale: x('float16', 3) }), /scale.*float16/],
    [(b, x) => b.rmsNormalization(x(f, 2, 3), { epsilon: '1' as never }), /epsilon '1'/],
  ],
  products: [
    [(b, x) => b.matmul(x(f, 2), x(f, 2, 2)), /a.*shape \[2\]/],
    [(b, x) => b.matmul(x(f, 2, 3), x(f, 4, 5)), /\[2, 3\] and b of shape \[4, 5\]/],
    [(b, x) => b.matmul(x(f, 2, 2, 3), x(f, 3, 3, 5)), /\[2, 2, 3\]/],
    [(b, x) => b.matmul(x(f, 2, 3), x('float16', 3, 5)), /float32 and b of float16/],
    [(b, x) => b.matmul(x(i, 2, 3), x(i, 3, 5)), /int32/],
    [(b, x) => b.gemm(x(f, 2, 3), x(f, 3, 4), { c: x(f, 2) }), /c of shape \[2\]/],
    [(b, x) => b.gemm(x(f, 2, 3), x(f, 3, 4), { alpha: Number.NaN }), /alpha NaN/],
    [
      (b, x) => b.scaledDotProductAttention(x(f, 1, 3, 2, 4), x(f, 1, 2, 2, 4), x(f, 1, 2, 2, 4)),
      /query of shape \[1, 3, 2, 4\]/,
    ],
    [
      (b, x) => b.scaledDotProductAttention(x(f, 2, 2, 2, 4), x(f, 2, 2, 2, 4), x(f, 2, 2, 2, 4), { lengths: x(i, 3) }),
      /lengths of shape \[3\]/,
    ],
    [
      (b, x) => b.scaledDotProductAttention(x(f, 2, 2, 2, 4), x(f, 2, 2, 2, 4), x(f, 2, 2, 2, 4), { mask: x(f, 3) }),
      /mask of shape \[3\]/,
    ],
    [(b, x) => b.rotaryEmbedding(x(f, 3), x(f, 1), x(f, 1)), /\[3\]/],
    [(b, x) => b.rotaryEmbedding(x(f, 2, 4), x(f, 2, 4), x(f, 2, 4)), /cos of shape/],
    [(b, x) => b.rotaryEmbedding(x(f, 4), x(f, 2), x(f, 2), { layout: 'thirds' as never }), /layout 'thirds'/],
  ],
  layout: [
    [(b, x) => b.transpose(x(f, 2, 3), { permutation: [0] }), /permutation \[0\]/],
    [(b, x) => b.transpose(x(f, 2, 3), { permutation: [0, 0] }), /permutation \[0, 0\]/],
    [(b, x) => b.transpose(x(f, 2, 3), { permutation: [0, 2] }), /permutation 2/],
    [(b, x) => b.reshape(x(f, 2, 3), [5]), /newShape \[5\] with 5 elements/],
    [(b, x) => b.reshape(x(f, 2, 3), [-1, 3]), /newShape \[-1, 3\]/],
    [(b, x) => b.reshape(x(f, 1), new Array(9).fill(1)), /rank 9/],
    [(b, x) => b.expand(x(f, 2), [3]), /newShape \[3\]/],
    [(b, x) => b.expand(x(f, 2, 1), [2]), /newShape \[2\]/],
    [(b, x) => b.expand(x(f, 1), [2 ** 53]), /2|shape/],
    [(b, x) => b.slice(x(f, 4), [2], [3]), /starts 2 and sizes 3/],
    [(b, x) => b.slice(x(f, 4), [2, 0], [1]), /starts \[2, 0\]/],
    [(b, x) => b.slice(x(f, 4), [0], [4], { strides: [0] }), /strides \[0\]/],
    [(b, x) => b.split(x(f, 6), 4), /4 parts/],
    [(b, x) => b.split(x(f, 6), 0), /0 parts/],
    [(b, x) => b.split(x(f, 6), [1, 2]), /splits \[1, 2\]/],
    [(b, x) => b.split(x(f, 6), 2, { axis: 1 }), /axis 1/],
    [(b, x) => b.reverse(x(f, 6), { axes: [1] }), /axes 1/],
    [(b) => b.concat([], 0), /no inputs/],
    [(b, x) => b.concat([x(f, 2), x(f, 2, 2)], 0), /inputs\[1\] is float32\[2, 2\]/],
    [(b, x) => b.concat([x(f, 2, 3), x(f, 2, 4)], 0), /inputs\[1\]/],
    [(b, x) => b.concat([x(f, 2), x(i, 2)], 0), /int32/],
    [(b, x) => b.concat([x(f)], 0), /shape \[\]/],
    [(b, x) => b.pad(x(f, 2), [1, 1], [1]), /beginningPadding \[1, 1\]/],
    [(b, x) => b.pad(x(f, 2), [2], [0], { mode: 'reflection' }), /padding of 2/],
    [(b, x) => b.pad(x(f, 0), [1], [0], { mode: 'edge' }), /padding of 1/],
    [(b, x) => b.pad(x(f, 2), [1], [1], { mode: 'wrap' as never }), /mode 'wrap'/],
    [(b, x) => b.tile(x(f, 2), [1, 1]), /repetitions \[1, 1\]/],
    [(b, x) => b.tile(x(f, 2 ** 30), [2 ** 30]), /shape/],
  ],
  indexing: [
    [(b, x) => b.gather(x(f, 4), x(f, 2)), /indices.*float32/],
    [(b, x) => b.gather(x(f, 4), x(i, 2), { axis: 1 }), /axis 1/],
    [(b, x) => b.gather(x(f, 0), x(i, 2)), /extent 0/],
    [(b, x) => b.gatherElements(x(f, 4, 5), x(i, 3, 2), { axis: 1 }), /indices of shape \[3, 2\]/],
    [(b, x) => b.gatherElements(x(f, 4, 5), x(i, 4)), /indices of shape \[4\]/],
    [(b, x) => b.gatherND(x(f, 4, 5), x(i, 7, 3)), /indices of shape \[7, 3\]/],
    [(b, x) => b.gatherND(x(f, 4, 5), x(i, 7, 0)), /indices of shape \[7, 0\]/],
    [(b, x) => b.scatterElements(x(f, 4), x(i, 2), x(f, 3)), /updates of shape \[3\]/],
    [(b, x) => b.scatterND(x(f, 4, 5), x(i, 3, 1), x(f, 3)), /updates of shape \[3\]/],
    [(b, x) => b.scatterND(x(f, 4), x(i, 3, 1), x(i, 3)), /updates.*int32/],
    [(b, x) => b.topK(x(f, 4), 5), /k 5/],
    [(b, x) => b.topK(x(f, 4), 1.5), /k 1.5/],
    [(b, x) => b.oneHot(x(f, 4), 3), /indices.*float32/],
    [(b, x) => b.oneHot(x(i, 4), -1), /depth -1/],
    [(b, x) => b.randomUniform(x(i), x('uint32')), /seed.*int32/],
    [(b, x) => b.randomUniform(x('uint32', 1), x('uint32')), /seed.*shape \[1\]/],
  ],
};

describe.each(Object.entries(accepted))('%s infer data types and shapes', (_, cases) => {
  it.each(cases.map(([build, expected]) => [expected, build] as const))('%s', (expected, build) => {
    expect(inferred(build)).toBe(expected);
  });
});

describe.each(Object.entries(refused))('%s reject what does not fit', (_, cases) => {
  it.each(cases.map(([build, found]) => [String(found), build, found] as const))('%s', (_found, build, found) => {
    expect(() => inferred(build)).toThrowError(
      expect.objectContaining({
        name: 'HalyardError',
        code: 'bad-argument',
        details: expect.objectContaining({ found: expect.stringMatching(found) }),
      }),
    );
  });
});
