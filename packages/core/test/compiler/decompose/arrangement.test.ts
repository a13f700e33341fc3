import type { MLGraphBuilder } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { float32, int32, resultOf } from './operands.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('layout operators', () => {
  const matrix = (b: MLGraphBuilder) => float32(b, range(6), [2, 3]);

  it('transpose reverses the axes unless told otherwise', async () => {
    expect(await resultOf((b) => b.transpose(matrix(b)))).toEqual([0, 3, 1, 4, 2, 5]);
    const cube = resultOf((b) => b.transpose(float32(b, range(8), [2, 2, 2]), { permutation: [1, 2, 0] }));
    expect(await cube).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
  });

  it('reshape keeps row-major order, also of a transposed operand', async () => {
    expect(await resultOf((b) => b.reshape(b.transpose(matrix(b)), [6]))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(await resultOf((b) => b.reshape(b.transpose(matrix(b)), [2, 3]))).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('slice takes starts, sizes and strides', async () => {
    const x = (b: MLGraphBuilder) => float32(b, range(20), [4, 5]);
    expect(await resultOf((b) => b.slice(x(b), [1, 1], [2, 3]))).toEqual([6, 7, 8, 11, 12, 13]);
    expect(await resultOf((b) => b.slice(x(b), [0, 0], [4, 5], { strides: [2, 3] }))).toEqual([0, 3, 10, 13]);
  });

  it('expand, reverse and split', async () => {
    expect(await resultOf((b) => b.expand(float32(b, [1, 2], [2, 1]), [2, 2, 3]))).toEqual([
      1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
    ]);
    expect(await resultOf((b) => b.reverse(matrix(b)))).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await resultOf((b) => b.reverse(matrix(b), { axes: [0] }))).toEqual([3, 4, 5, 0, 1, 2]);
    expect(await resultOf((b) => b.split(matrix(b), 3, { axis: 1 })[1]!)).toEqual([1, 4]);
    expect(await resultOf((b) => b.split(matrix(b), [1, 2], { axis: 1 })[1]!)).toEqual([1, 2, 4, 5]);
  });
});

describe('composition', () => {
  const matrix = (b: MLGraphBuilder) => float32(b, [1, 2, 3, 4], [2, 2]);

  it('concat puts operands behind each other', async () => {
    const more = (b: MLGraphBuilder) => float32(b, [5, 6], [2, 1]);
    expect(await resultOf((b) => b.concat([matrix(b), more(b), matrix(b)], 1))).toEqual([1, 2, 5, 1, 2, 3, 4, 6, 3, 4]);
    const empty = (b: MLGraphBuilder) => float32(b, [], [0, 2]);
    expect(await resultOf((b) => b.concat([empty(b), matrix(b)], 0))).toEqual([1, 2, 3, 4]);
  });

  it('pad with a constant', async () => {
    expect(await resultOf((b) => b.pad(matrix(b), [1, 0], [0, 2], { value: 9 }))).toEqual([
      9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9,
    ]);
  });

  it('pad with the edge', async () => {
    expect(await resultOf((b) => b.pad(matrix(b), [1, 1], [0, 2], { mode: 'edge' }))).toEqual([
      1, 1, 2, 2, 2, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4,
    ]);
  });

  it('pad by reflection', async () => {
    const x = (b: MLGraphBuilder) => float32(b, [1, 2, 3, 4, 5, 6], [2, 3]);
    // As in the specification: [[1,2,3],[4,5,6]] with beginning padding [1,2] and ending padding [1,2].
    expect(await resultOf((b) => b.pad(x(b), [1, 2], [1, 2], { mode: 'reflection' }))).toEqual([
      6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1, 6, 5, 4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 2, 1,
    ]);
  });

  it('tile repeats along each axis', async () => {
    expect(await resultOf((b) => b.tile(matrix(b), [1, 4]))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4]);
    expect(await resultOf((b) => b.tile(matrix(b), [2, 2]))).toEqual([1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4]);
    expect(await resultOf((b) => b.tile(float32(b, [1, 2], [2, 1]), [1, 3]))).toEqual([1, 1, 1, 2, 2, 2]);
    expect(await resultOf((b) => b.tile(matrix(b), [0, 2]))).toEqual([]);
  });

  it('tile of eight repeated axes stays within the rank of a device', async () => {
    const shape = [2, 1, 2, 1, 2, 1, 2, 2];
    const repetitions = [2, 2, 1, 1, 2, 1, 2, 2];
    const x = range(32);
    const result = await resultOf((b) => b.tile(b.transpose(float32(b, x, [...shape].reverse())), repetitions));
    const outer = shape.map((extent, axis) => extent * repetitions[axis]!);
    const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, c) => a * c, 1));
    const expected = range(outer.reduce((a, c) => a * c, 1)).map((index) => {
      let rest = index;
      let element = 0;
      for (let axis = 7; axis >= 0; axis--) {
        element += ((rest % outer[axis]!) % shape[axis]!) * strides[axis]!;
        rest = Math.floor(rest / outer[axis]!);
      }
      return x[element]!;
    });
    expect(result).toEqual(expected);
  });
});

describe('indexing, by the examples of the specification', () => {
  const table = (b: MLGraphBuilder) => float32(b, [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32], [4, 3]);

  it('gather', async () => {
    expect(await resultOf((b) => b.gather(table(b), int32(b, [3, 1])))).toEqual([30, 31, 32, 10, 11, 12]);
    expect(await resultOf((b) => b.gather(table(b), int32(b, [2, 1, 1]), { axis: 1 }))).toEqual([
      2, 1, 1, 12, 11, 11, 22, 21, 21, 32, 31, 31,
    ]);
    expect(await resultOf((b) => b.gather(table(b), int32(b, [0, 1, 1, 2], [2, 2]), { axis: 1 }))).toEqual([
      0, 1, 1, 2, 10, 11, 11, 12, 20, 21, 21, 22, 30, 31, 31, 32,
    ]);
    expect(await resultOf((b) => b.gather(float32(b, [5, 6, 7]), b.constant('int32', -1)))).toEqual([7]);
    expect(await resultOf((b) => b.gather(float32(b, [5, 6, 7]), int32(b, [9, -9])))).toEqual([7, 5]);
  });

  it('gatherElements', async () => {
    const indices = (b: MLGraphBuilder) => int32(b, [3, 1, 1, 2, 0, 3], [2, 3]);
    expect(await resultOf((b) => b.gatherElements(table(b), indices(b)))).toEqual([30, 11, 12, 20, 1, 32]);
    const columns = (b: MLGraphBuilder) => int32(b, [2, 1, 0, 2], [4, 1]);
    expect(await resultOf((b) => b.gatherElements(table(b), columns(b), { axis: 1 }))).toEqual([2, 11, 20, 32]);
  });

  it('gatherND', async () => {
    const cube = (b: MLGraphBuilder) => float32(b, range(8), [2, 2, 2]);
    expect(await resultOf((b) => b.gatherND(cube(b), int32(b, [0, 1, 1, 0], [2, 2])))).toEqual([2, 3, 4, 5]);
    expect(await resultOf((b) => b.gatherND(cube(b), int32(b, [1, 0, 1], [3, 1])))).toEqual([
      4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    const points = (b: MLGraphBuilder) => int32(b, [0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1], [5, 3]);
    expect(await resultOf((b) => b.gatherND(cube(b), points(b)))).toEqual([1, 2, 4, 6, 7]);
  });

  it('scatterElements', async () => {
    const result = resultOf((b) =>
      b.scatterElements(table(b), int32(b, [3, 1, 1, 2, 0, 3], [2, 3]), float32(b, [-1, -2, -3, -4, -5, -6], [2, 3])),
    );
    expect(await result).toEqual([0, -5, 2, 10, -2, -3, -4, 21, 22, -1, 31, -6]);
  });

  it('scatterND', async () => {
    const line = resultOf((b) =>
      b.scatterND(float32(b, range(8)), int32(b, [4, 3, 1, 7], [4, 1]), float32(b, [-1, -2, -3, -4])),
    );
    expect(await line).toEqual([0, -3, 2, -2, -1, 5, 6, -4]);
    const rows = resultOf((b) =>
      b.scatterND(
        float32(b, range(8), [2, 2, 2]),
        int32(b, [0, 1, 1, 0], [2, 2]),
        float32(b, [-1, -2, -3, -4], [2, 2]),
      ),
    );
    expect(await rows).toEqual([0, 1, -1, -2, -3, -4, 6, 7]);
  });

  it('topK gives values and indices in order, the lower index first of equals', async () => {
    const x = (b: MLGraphBuilder) => float32(b, [3, 9, 9, 1, 7, 2, 8, 7], [2, 4]);
    expect(await resultOf((b) => b.topK(x(b), 2)[0])).toEqual([9, 9, 8, 7]);
    expect(await resultOf((b) => b.topK(x(b), 2)[1])).toEqual([1, 2, 2, 0]);
    expect(await resultOf((b) => b.topK(x(b), 1, { axis: 0, largest: false })[1])).toEqual([0, 1, 1, 0]);
  });

  it('oneHot sets the element that each index names', async () => {
    expect(await resultOf((b) => b.oneHot(int32(b, [2, 0, 5]), 3))).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 0]);
    const first = resultOf((b) => b.oneHot(int32(b, [1, 0]), 2, { axis: 0, dataType: 'uint8' }));
    expect(await first).toEqual([0, 1, 1, 0]);
    const wide = resultOf((b) =>
      b.oneHot(b.constant({ dataType: 'int64', shape: [1] }, BigInt64Array.of(1n)), 2, { dataType: 'int64' }),
    );
    expect(await wide).toEqual([0n, 1n]);
  });
});

describe('randomUniform', () => {
  it('depends on seed, counter and place alone', async () => {
    const draw = (counter: number, count: number) =>
      resultOf((b) => b.randomUniform(b.constant('uint32', 7), b.constant('uint32', counter), { shape: [count] }));
    const all = await draw(0, 12);
    expect(await draw(5, 7)).toEqual(all.slice(5));
    expect(new Set(all).size).toBe(12);
  });

  it('is row-major, within [0, 1), and even', async () => {
    const draws = await resultOf((b) =>
      b.randomUniform(b.constant('uint32', 1), b.constant('uint32', 0), { shape: [40, 100] }),
    );
    const line = await resultOf((b) =>
      b.randomUniform(b.constant('uint32', 1), b.constant('uint32', 0), { shape: [4000] }),
    );
    expect(draws).toEqual(line);
    const values = draws as readonly number[];
    expect(values.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24))).toBe(true);
    const mean = values.reduce((a, c) => a + c, 0) / values.length;
    // The deviation of the mean of 4000 uniform draws is 0.0046.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });
});
