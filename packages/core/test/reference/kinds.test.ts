import { describe, expect, it } from 'vitest';
import { runOne } from './harness.js';

const float = (shape: readonly number[], values: readonly number[]) => ({ type: 'float32', shape, values }) as const;
const empty = { inputs: [], body: [], results: [0] } as const;

describe('the reference interpreter of', () => {
  it('map stores what its expression gives at each element, integers wrapped', () => {
    const [sum] = runOne(
      [
        { type: 'int8', shape: [3], values: [127, -128, 5] },
        { type: 'int8', shape: [3], values: [1, -1, 6] },
      ],
      [{ type: 'int8', shape: [3] }],
      () => ({
        kind: 'map',
        epilogue: { inputs: [], body: [{ op: 'add', arguments: [0, 1], dataType: 'int8' }], results: [2] },
      }),
    );
    expect(sum).toEqual([-128, 127, 11]);
  });

  it('map reads transposed, reversed and broadcast views and writes two outputs into one tensor', () => {
    const [out] = runOne([float([2, 2], [1, 2, 3, 4])], [{ type: 'float32', shape: [2, 4] }], () => ({
      kind: 'map',
      inputs: [
        { tensor: 0, offset: 0, shape: [2, 2], strides: [1, 2] },
        { tensor: 0, offset: 3, shape: [2, 2], strides: [-2, -1] },
      ],
      outputs: [
        { tensor: 1, offset: 0, shape: [2, 2], strides: [4, 1] },
        { tensor: 1, offset: 2, shape: [2, 2], strides: [4, 1] },
      ],
      epilogue: { inputs: [], body: [], results: [0, 1] },
    }));
    expect(out).toEqual([1, 3, 4, 3, 2, 4, 2, 1]);
  });

  it('map over 64-bit integers is exact and wraps', () => {
    const [product] = runOne(
      [
        { type: 'int64', shape: [2], values: [2n ** 62n + 1n, -(2n ** 63n)] },
        { type: 'int64', shape: [2], values: [3n, -1n] },
      ],
      [{ type: 'int64', shape: [2] }],
      () => ({
        kind: 'map',
        epilogue: { inputs: [], body: [{ op: 'mul', arguments: [0, 1], dataType: 'int64' }], results: [2] },
      }),
    );
    expect(product).toEqual([BigInt.asIntN(64, 3n * (2n ** 62n + 1n)), -(2n ** 63n)]);
  });

  it('reduce keeps the reduced axis with extent 1', () => {
    const reduce = (combine: string, x: readonly number[], shape: readonly number[], axes: readonly number[]) =>
      runOne(
        [float(shape, x)],
        [{ type: 'float32', shape: shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)) }],
        () => ({ kind: 'reduce', attributes: { combine, axes, accumulate: 'float32' } }),
      )[0];
    expect(reduce('sum', [1, 2, 3, 4, 5, 6], [2, 3], [0])).toEqual([5, 7, 9]);
    expect(reduce('sum', [1, 2, 3, 4, 5, 6], [2, 3], [1])).toEqual([6, 15]);
    expect(reduce('max', [], [2, 0], [1])).toEqual([-Infinity, -Infinity]);
    expect(reduce('product', [], [0], [0])).toEqual([1]);
    expect(reduce('min', [1, Number.NaN], [2], [0])).toEqual([Number.NaN]);
    expect(reduce('logSumExp', [1000, 1000], [2], [0])).toEqual([Math.fround(1000 + Math.log(2))]);
  });

  it('argMax takes the first of equals, and a NaN before everything', () => {
    const argMax = (x: readonly number[]) =>
      runOne([float([x.length], x)], [{ type: 'int64', shape: [1] }], () => ({
        kind: 'reduce',
        attributes: { combine: 'argMax', axes: [0], accumulate: 'float32' },
      }))[0];
    expect(argMax([1, 3, 3])).toEqual([1n]);
    expect(argMax([1, Number.NaN, 3, Number.NaN])).toEqual([1n]);
  });

  it('normalize follows its definitions along any axis', () => {
    const normalize = (form: string, axes: readonly number[], epsilon = 0) =>
      runOne([float([2, 2], [1, 2, 3, 5])], [{ type: 'float32', shape: [2, 2] }], () => ({
        kind: 'normalize',
        attributes: { form, axes, epsilon },
      }))[0]!.map(Number);
    const e = Math.E;
    const close = (values: readonly number[], expected: readonly number[]) =>
      values.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index]!, 6);
      });
    close(normalize('softmax', [1]), [1 / (1 + e), e / (1 + e), 1 / (1 + e ** 2), e ** 2 / (1 + e ** 2)]);
    close(normalize('logSoftmax', [0]), [
      -Math.log(1 + e ** 2),
      -Math.log(1 + e ** 3),
      2 - Math.log(1 + e ** 2),
      3 - Math.log(1 + e ** 3),
    ]);
    close(normalize('layer', [1], 0.75), [-0.5, 0.5, -1 / Math.sqrt(1.75), 1 / Math.sqrt(1.75)]);
    close(
      normalize('rms', [0, 1]),
      [1, 2, 3, 5].map((x) => x / Math.sqrt(39 / 4)),
    );
  });

  it('matmul gives one result for each b to its epilogue', () => {
    const [out] = runOne(
      [float([2, 3], [1, 2, 3, 4, 5, 6]), float([3, 2], [1, 0, 0, 1, 1, 1]), float([3, 2], [1, 1, 1, 1, 1, 1])],
      [{ type: 'float32', shape: [2, 2] }],
      () => ({
        kind: 'matmul',
        attributes: { multiply: 'float32', accumulate: 'float32' },
        epilogue: { inputs: [], body: [{ op: 'mul', arguments: [0, 1], dataType: 'float32' }], results: [2] },
      }),
    );
    expect(out).toEqual([4 * 6, 5 * 6, 10 * 15, 11 * 15]);
  });

  it('matmul broadcasts batches and applies prologues through transposed views', () => {
    const [out] = runOne(
      [float([2, 1, 2], [1, 2, 3, 4]), float([2, 2], [1, 2, 3, 4])],
      [{ type: 'float32', shape: [2, 1, 2] }],
      () => ({
        kind: 'matmul',
        attributes: { multiply: 'float32', accumulate: 'float32' },
        inputs: [
          { tensor: 0, offset: 0, shape: [2, 1, 2], strides: [2, 2, 1] },
          {
            tensor: 1,
            offset: 0,
            shape: [2, 2, 2],
            strides: [0, 1, 2],
            prologue: {
              inputs: [],
              body: [
                { op: 'coordinate', arguments: [], dataType: 'float32', value: 2 },
                { op: 'add', arguments: [0, 1], dataType: 'float32' },
              ],
              results: [2],
            },
          },
        ],
      }),
    );
    // b is [[1, 3], [2, 4]] plus the column's number.
    expect(out).toEqual([1 + 4, 4 + 10, 3 + 8, 12 + 20]);
  });

  it('attention sees keys up to its length and its own place, and gives zeros where there is none', () => {
    const attend = (length: number, causal: boolean) =>
      runOne(
        [
          float([1, 1, 2, 1], [0, 0]),
          float([1, 1, 3, 1], [1, 1, Number.NaN]),
          float([1, 1, 3, 1], [2, 4, Number.NaN]),
          { type: 'int32', shape: [1], values: [length] },
        ],
        [{ type: 'float32', shape: [1, 1, 2, 1] }],
        (view) => ({
          kind: 'attention',
          inputs: [view(0), view(1), view(2), view(3), null, null, null],
          attributes: { scale: 1, causal, blockSize: 0, multiply: 'float32' },
        }),
      )[0];
    expect(attend(2, false)).toEqual([3, 3]);
    expect(attend(2, true)).toEqual([2, 3]);
    expect(attend(1, true)).toEqual([0, 2]);
    expect(attend(0, false)).toEqual([0, 0]);
  });

  it('attention finds keys through a table of pages, and shares them among heads', () => {
    const [out, sums] = runOne(
      [
        float([1, 2, 1, 1], [1, 2]),
        float([3, 1, 2, 1], [9, 9, 1, 2, 3, 4]),
        float([3, 1, 2, 1], [9, 9, 10, 20, 30, 40]),
        { type: 'int32', shape: [1], values: [3] },
        { type: 'int32', shape: [1, 2], values: [2, 1] },
      ],
      [
        { type: 'float32', shape: [1, 2, 1, 1] },
        { type: 'float32', shape: [1, 2, 1, 1] },
      ],
      (view) => ({
        kind: 'attention',
        inputs: [view(0), view(1), view(2), view(3), null, view(4), null],
        attributes: { scale: 0.5, causal: false, blockSize: 2, multiply: 'float32' },
      }),
    );
    // The keys in order are 3, 4, 1.
    [1, 2].forEach((query, head) => {
      const weights = [3, 4, 1].map((key) => Math.exp(query * key * 0.5));
      const total = weights.reduce((a, b) => a + b);
      expect(out![head]).toBeCloseTo((30 * weights[0]! + 40 * weights[1]! + 10 * weights[2]!) / total, 5);
      expect(sums![head]).toBeCloseTo(Math.log(total), 5);
    });
  });

  it('gather counts negative indices from the end, then clamps', () => {
    const gather = (
      form: string,
      axis: number,
      indices: readonly number[],
      shape: readonly number[],
      out: readonly number[],
    ) =>
      runOne(
        [float([2, 3], [1, 2, 3, 4, 5, 6]), { type: 'int32', shape, values: indices }],
        [{ type: 'float32', shape: out }],
        () => ({ kind: 'gather', attributes: { form, axis } }),
      )[0];
    expect(gather('rows', 1, [-1, 0, 9, -9], [4], [2, 4])).toEqual([3, 1, 3, 1, 6, 4, 6, 4]);
    expect(gather('rows', 0, [1], [], [3])).toEqual([4, 5, 6]);
    expect(gather('elements', 1, [2, 0, 1, 1], [2, 2], [2, 2])).toEqual([3, 1, 5, 5]);
    expect(gather('nd', 0, [1, 2, 0, -3], [2, 2], [2])).toEqual([6, 1]);
    expect(gather('nd', 0, [1], [1], [3])).toEqual([4, 5, 6]);
  });

  it('scatter keeps what no index names, drops or clamps those out of range, and combines', () => {
    const scatter = (combine: string, outOfRange: string) =>
      runOne(
        [
          { type: 'int32', shape: [4], values: [0, 0, -1, 5] },
          { type: 'int32', shape: [4], values: [1, 2, 3, 4] },
        ],
        [{ type: 'int32', shape: [3] }],
        () => ({ kind: 'scatter', attributes: { form: 'rows', axis: 0, combine, outOfRange } }),
      )[0];
    expect(scatter('replace', 'drop')).toEqual([2, 0, 3]);
    expect(scatter('add', 'drop')).toEqual([3, 0, 3]);
    expect(scatter('add', 'clamp')).toEqual([3, 0, 7]);
  });

  it('scan runs forwards and backwards, with and without its own element', () => {
    const scan = (exclusive: boolean, reversed: boolean, axis = 1) =>
      runOne([float([2, 3], [1, 2, 3, 4, 5, 6])], [{ type: 'float32', shape: [2, 3] }], () => ({
        kind: 'scan',
        attributes: { combine: 'sum', axis, exclusive, reversed },
      }))[0];
    expect(scan(false, false)).toEqual([1, 3, 6, 4, 9, 15]);
    expect(scan(true, false)).toEqual([0, 1, 3, 0, 4, 9]);
    expect(scan(false, true)).toEqual([6, 5, 3, 15, 11, 6]);
    expect(scan(false, false, 0)).toEqual([1, 2, 3, 5, 7, 9]);
  });

  it('sort is stable both ways and takes NaN as the largest', () => {
    const sort = (descending: boolean) =>
      runOne(
        [float([5], [2, Number.NaN, 1, 2, -1])],
        [
          { type: 'float32', shape: [3] },
          { type: 'int32', shape: [3] },
        ],
        () => ({ kind: 'sort', attributes: { axis: 0, descending, count: 3 } }),
      );
    expect(sort(false)).toEqual([
      [-1, 1, 2],
      [4, 2, 0],
    ]);
    expect(sort(true)).toEqual([
      [Number.NaN, 2, 2],
      [1, 0, 3],
    ]);
  });

  it('a target with rows writes the slices that indices name and drops those outside', () => {
    const [out] = runOne(
      [float([3, 2], [1, 2, 3, 4, 5, 6]), { type: 'int32', shape: [3], values: [2, 4, 0] }],
      [{ type: 'float32', shape: [4, 2] }],
      (view) => ({
        kind: 'map',
        inputs: [view(0)],
        outputs: [{ ...view(2), rows: { axis: 0, indices: view(1) } }],
        epilogue: empty,
      }),
    );
    expect(out).toEqual([5, 6, 0, 0, 1, 2, 0, 0]);
  });

  it('a composite does what its body says', () => {
    const [out] = runOne([float([2], [1, 2])], [{ type: 'float32', shape: [2] }], (view) => ({
      kind: 'twice',
      body: [
        {
          kind: 'map',
          inputs: [view(0), view(0)],
          outputs: [view(1)],
          attributes: {},
          epilogue: { inputs: [], body: [{ op: 'add', arguments: [0, 1], dataType: 'float32' }], results: [2] },
          after: [],
          origin: [],
        },
      ],
    }));
    expect(out).toEqual([2, 4]);
  });

  it('quantization reads (q − zeroPoint) · scale by blocks', () => {
    const [out] = runOne(
      [
        { type: 'int4', shape: [1, 4], values: new Uint8Array([0x1f, 0x87]) },
        float([1, 2], [0.5, 2]),
        { type: 'int8', shape: [1, 2], values: [1, -1] },
      ],
      [{ type: 'float32', shape: [1, 4] }],
      (view) => ({
        kind: 'map',
        inputs: [{ ...view(0), quantization: { scale: view(1), zeroPoint: view(2), block: [1, 2] } }],
        epilogue: empty,
      }),
    );
    // The nibbles are −1, 1, 7, −8.
    expect(out).toEqual([-1, 0, 16, -14]);
  });
});
