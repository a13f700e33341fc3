import type { MLGraphBuilder } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { expectClose, float32, int32, resultOf } from './operands.js';

describe('reductions', () => {
  const x = [1, -2, 3, 4, 5, -6];
  const matrix = (b: MLGraphBuilder) => float32(b, x, [2, 3]);
  const rows = [x.slice(0, 3), x.slice(3)];
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const definitions: Record<string, (values: readonly number[]) => number> = {
    reduceL1: (values) => sum(values.map(Math.abs)),
    reduceL2: (values) => Math.sqrt(sum(values.map((v) => v * v))),
    reduceLogSum: (values) => Math.log(sum(values)),
    reduceLogSumExp: (values) => Math.log(sum(values.map(Math.exp))),
    reduceMax: (values) => Math.max(...values),
    reduceMean: (values) => sum(values) / values.length,
    reduceMin: (values) => Math.min(...values),
    reduceProduct: (values) => values.reduce((a, b) => a * b, 1),
    reduceSum: sum,
    reduceSumSquare: (values) => sum(values.map((v) => v * v)),
  };
  it.each(Object.entries(definitions))('%s over rows, over everything, over nothing', async (name, definition) => {
    const operator = name as 'reduceSum';
    expectClose(await resultOf((b) => b[operator](matrix(b), { axes: [1] })), rows.map(definition));
    expectClose(await resultOf((b) => b[operator](matrix(b))), [definition(x)]);
    const positive = x.map(Math.abs);
    expectClose(
      await resultOf((b) => b[operator](float32(b, positive, [2, 3]), { axes: [] })),
      positive.map((value) => definition([value])),
    );
  });

  it('reduce columns of a transposed operand, and integers', async () => {
    expect(await resultOf((b) => b.reduceSum(b.transpose(matrix(b)), { axes: [0] }))).toEqual([2, 3]);
    expect(await resultOf((b) => b.reduceL1(int32(b, [-1, 2, -3])))).toEqual([6]);
    const unsigned = await resultOf((b) =>
      b.reduceL1(b.constant({ dataType: 'uint64', shape: [2] }, BigUint64Array.of(3n, 4n))),
    );
    expect(unsigned).toEqual([7n]);
  });

  it('accumulate 16-bit floats in float32', async () => {
    // Each square overflows float16.
    const norm = resultOf((b) => b.reduceL2(b.cast(float32(b, [300, 400]), 'float16')));
    expect(await norm).toEqual(await resultOf((b) => b.cast(float32(b, [500]), 'float16')));
  });

  it('argMin and argMax give the first of equals', async () => {
    const values = (b: MLGraphBuilder) => float32(b, [2, 9, 9, 1, 1, 0], [2, 3]);
    expect(await resultOf((b) => b.argMax(values(b), 1))).toEqual([1, 0]);
    expect(await resultOf((b) => b.argMin(values(b), 1))).toEqual([0, 2]);
    expect(await resultOf((b) => b.argMax(values(b), 0, { outputDataType: 'int64' }))).toEqual([0n, 0n, 0n]);
  });

  it('cumulativeSum runs either way, with or without the element itself', async () => {
    const values = (b: MLGraphBuilder) => float32(b, [1, 2, 3, 4]);
    expect(await resultOf((b) => b.cumulativeSum(values(b), 0))).toEqual([1, 3, 6, 10]);
    expect(await resultOf((b) => b.cumulativeSum(values(b), 0, { exclusive: true }))).toEqual([0, 1, 3, 6]);
    expect(await resultOf((b) => b.cumulativeSum(values(b), 0, { reversed: true }))).toEqual([10, 9, 7, 4]);
  });
});

describe('normalizations', () => {
  const x = [1, 2, 4, -1, 0, 7];
  const matrix = (b: MLGraphBuilder) => float32(b, x, [2, 3]);
  const normal = (values: readonly number[], epsilon = 1e-5) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    return values.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
  };
  const rows = [x.slice(0, 3), x.slice(3)];

  it('softmax along either axis', async () => {
    const softmax = (values: readonly number[]) => {
      const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
      return values.map((value) => Math.exp(value) / total);
    };
    expectClose(await resultOf((b) => b.softmax(matrix(b), 1)), rows.flatMap(softmax));
    const columns = [0, 1, 2].map((column) => softmax([x[column]!, x[column + 3]!]));
    expectClose(
      await resultOf((b) => b.softmax(matrix(b), 0)),
      [0, 1].flatMap((row) => columns.map((column) => column[row]!)),
    );
  });

  it('layerNormalization scales and shifts', async () => {
    expectClose(
      await resultOf((b) => b.layerNormalization(matrix(b))),
      rows.flatMap((row) => normal(row)),
    );
    const scaled = resultOf((b) =>
      b.layerNormalization(matrix(b), { scale: float32(b, [1, 2, 3]), bias: float32(b, [5, 6, 7]), epsilon: 0.1 }),
    );
    expectClose(
      await scaled,
      rows.flatMap((row) => normal(row, 0.1).map((value, at) => value * (at + 1) + at + 5)),
    );
  });

  it('layerNormalization lays scale along the axes in the order they are given', async () => {
    const scaled = resultOf((b) =>
      b.layerNormalization(matrix(b), { axes: [1, 0], scale: float32(b, [1, 2, 3, 4, 5, 6], [3, 2]) }),
    );
    const factors = [1, 3, 5, 2, 4, 6];
    expectClose(
      await scaled,
      normal(x).map((value, at) => value * factors[at]!),
    );
  });

  it('layerNormalization over no axes gives the bias', async () => {
    const bias = (b: MLGraphBuilder) => b.constant('float32', 3);
    expectClose(await resultOf((b) => b.layerNormalization(matrix(b), { axes: [], bias: bias(b) })), Array(6).fill(3));
  });

  it('rmsNormalization divides by the root of the mean square', async () => {
    const expected = rows.flatMap((row) => {
      const root = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / 3 + 1e-6);
      return row.map((value, at) => (value / root) * (at + 1));
    });
    const result = resultOf((b) => b.rmsNormalization(matrix(b), { scale: float32(b, [1, 2, 3]), epsilon: 1e-6 }));
    expectClose(await result, expected);
  });

  it('batchNormalization uses the statistics it is given', async () => {
    const result = resultOf((b) =>
      b.batchNormalization(matrix(b), float32(b, [1, 2, 3]), float32(b, [4, 1, 0.25]), {
        scale: float32(b, [1, 2, 3]),
        bias: float32(b, [0, 10, 20]),
        epsilon: 0,
      }),
    );
    expectClose(await result, [0, 10, 26, -1, 6, 44]);
  });

  it('instanceNormalization normalizes each channel, in both layouts', async () => {
    const image = [1, 2, 3, 4, 10, 30, 20, 40];
    const [first, second] = [normal(image.slice(0, 4)), normal(image.slice(4)).map((value) => value * 2 + 1)];
    const options = (b: MLGraphBuilder) => ({ scale: float32(b, [1, 2]), bias: float32(b, [0, 1]) });
    expectClose(await resultOf((b) => b.instanceNormalization(float32(b, image, [1, 2, 2, 2]), options(b))), [
      ...first,
      ...second,
    ]);
    const channelsLast = [0, 1, 2, 3].flatMap((at) => [image[at]!, image[at + 4]!]);
    expectClose(
      await resultOf((b) =>
        b.instanceNormalization(float32(b, channelsLast, [1, 2, 2, 2]), { ...options(b), layout: 'nhwc' }),
      ),
      [0, 1, 2, 3].flatMap((at) => [first[at]!, second[at]!]),
    );
  });
});
