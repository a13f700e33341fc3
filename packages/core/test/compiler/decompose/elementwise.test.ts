import type { MLGraphBuilder } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { expectClose, float32, int32, resultOf, uint8 } from './operands.js';

const samples = [-3, -1.5, -0.5, 0, 0.25, 1, 2.5, 7];
const positive = [0.1, 0.5, 1, 2, 9];

describe('elementwise operators of one operand', () => {
  const tables: Record<string, readonly [inputs: readonly number[], expected: (x: number) => number]> = {
    abs: [samples, Math.abs],
    ceil: [samples, Math.ceil],
    cos: [samples, Math.cos],
    exp: [samples, Math.exp],
    floor: [samples, Math.floor],
    identity: [samples, (x) => x],
    log: [positive, Math.log],
    neg: [samples, (x) => -x],
    reciprocal: [positive, (x) => 1 / x],
    rsqrt: [positive, (x) => 1 / Math.sqrt(x)],
    sign: [samples, Math.sign],
    sin: [samples, Math.sin],
    sqrt: [positive, Math.sqrt],
    tan: [samples, Math.tan],
    tanh: [samples, Math.tanh],
    sigmoid: [samples, (x) => 1 / (1 + Math.exp(-x))],
    silu: [samples, (x) => x / (1 + Math.exp(-x))],
    relu: [samples, (x) => Math.max(0, x)],
    softplus: [samples, (x) => Math.log(1 + Math.exp(x))],
    softsign: [samples, (x) => x / (1 + Math.abs(x))],
    elu: [samples, (x) => (x > 0 ? x : Math.exp(x) - 1)],
    leakyRelu: [samples, (x) => (x > 0 ? x : 0.01 * x)],
    hardSigmoid: [samples, (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5))],
    hardSwish: [samples, (x) => (x * Math.max(0, Math.min(6, x + 3))) / 6],
    linear: [samples, (x) => x],
  };
  it.each(Object.entries(tables))('%s', async (name, [inputs, expected]) => {
    const operator = name as 'abs';
    expectClose(await resultOf((builder) => builder[operator](float32(builder, inputs))), inputs.map(expected));
  });

  it('erf and gelu agree with published values of the error function', async () => {
    // Abramowitz and Stegun, table 7.1.
    const [inputs, erf] = [
      [0, 0.5, 1, 2],
      [0, 0.5204998778, 0.8427007929, 0.995322265],
    ];
    expectClose(await resultOf((builder) => builder.erf(float32(builder, inputs!))), erf!);
    const scaled = inputs!.map((x) => x * Math.SQRT2);
    const gelu = scaled.map((x, index) => (x / 2) * (1 + erf![index]!));
    expectClose(await resultOf((builder) => builder.gelu(float32(builder, scaled))), gelu);
  });

  it('roundEven breaks ties to the even neighbour', async () => {
    const inputs = [-2.5, -1.5, -0.4, 0.5, 1.5, 2.5, 3.2];
    expect(await resultOf((builder) => builder.roundEven(float32(builder, inputs)))).toEqual([-2, -2, -0, 0, 2, 2, 3]);
  });

  it('softplus does not overflow', async () => {
    expectClose(await resultOf((builder) => builder.softplus(float32(builder, [500, -500]))), [500, 0]);
  });

  it('activations take their parameters', async () => {
    const x = (builder: MLGraphBuilder) => float32(builder, [-2, 3]);
    expectClose(await resultOf((b) => b.elu(x(b), { alpha: 2 })), [2 * (Math.exp(-2) - 1), 3]);
    expectClose(await resultOf((b) => b.leakyRelu(x(b), { alpha: 0.5 })), [-1, 3]);
    expectClose(await resultOf((b) => b.hardSigmoid(x(b), { alpha: 0.1, beta: 0.3 })), [0.1, 0.6]);
    expectClose(await resultOf((b) => b.linear(x(b), { alpha: 3, beta: -1 })), [-7, 8]);
    expectClose(await resultOf((b) => b.prelu(x(b), float32(b, [0.25]))), [-0.5, 3]);
  });

  it('relu, prelu, abs, neg and sign take signed integers', async () => {
    const x = (builder: MLGraphBuilder) => int32(builder, [-4, 0, 3]);
    expect(await resultOf((b) => b.relu(x(b)))).toEqual([0, 0, 3]);
    expect(await resultOf((b) => b.prelu(x(b), int32(b, [2])))).toEqual([-8, 0, 3]);
    expect(await resultOf((b) => b.abs(x(b)))).toEqual([4, 0, 3]);
    expect(await resultOf((b) => b.neg(x(b)))).toEqual([4, 0, -3]);
    expect(await resultOf((b) => b.sign(x(b)))).toEqual([-1, 0, 1]);
  });

  it('clamp keeps to bounds of the data type of the operand', async () => {
    expect(await resultOf((b) => b.clamp(float32(b, samples), { minValue: -1, maxValue: 2 }))).toEqual([
      -1, -1, -0.5, 0, 0.25, 1, 2, 2,
    ]);
    expect(await resultOf((b) => b.clamp(int32(b, [-9, 0, 9]), { maxValue: 2.9 }))).toEqual([-9, 0, 2]);
    const wide = await resultOf((b) => {
      const x = b.constant({ dataType: 'int64', shape: [2] }, BigInt64Array.of(-5n, 2n ** 62n));
      return b.clamp(x, { minValue: 0, maxValue: 2n ** 61n });
    });
    expect(wide).toEqual([0n, 2n ** 61n]);
  });

  it('tests and logical not give 0 or 1', async () => {
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
    expect(await resultOf((b) => b.isNaN(float32(b, special)))).toEqual([1, 0, 0, 0]);
    expect(await resultOf((b) => b.isInfinite(float32(b, special)))).toEqual([0, 1, 1, 0]);
    expect(await resultOf((b) => b.logicalNot(uint8(b, [0, 1, 7])))).toEqual([1, 0, 0]);
  });

  it('cast truncates, saturates and wraps as the contract says', async () => {
    const floats = (b: MLGraphBuilder) => float32(b, [-1.9, 2.9, 300, Number.NaN]);
    expect(await resultOf((b) => b.cast(floats(b), 'int8'))).toEqual([-1, 2, 127, 0]);
    expect(await resultOf((b) => b.cast(floats(b), 'uint8'))).toEqual([0, 2, 255, 0]);
    expect(await resultOf((b) => b.cast(int32(b, [-1, 256, 5]), 'uint8'))).toEqual([255, 0, 5]);
    expect(await resultOf((b) => b.cast(float32(b, [1, -2, 65504]), 'float16'))).toEqual([0x3c00, 0xc000, 0x7bff]);
    expect(await resultOf((b) => b.cast(float32(b, [1, -2]), 'bfloat16'))).toEqual([0x3f80, 0xc000]);
  });

  it('triangular keeps one side of the diagonal', async () => {
    const x = (b: MLGraphBuilder) => float32(b, [7, 1, 2, 9, 4, 8, 2, 6, 3], [3, 3]);
    expect(await resultOf((b) => b.triangular(x(b)))).toEqual([7, 1, 2, 0, 4, 8, 0, 0, 3]);
    expect(await resultOf((b) => b.triangular(x(b), { upper: false }))).toEqual([7, 0, 0, 9, 4, 0, 2, 6, 3]);
    expect(await resultOf((b) => b.triangular(x(b), { diagonal: 1 }))).toEqual([0, 1, 2, 0, 0, 8, 0, 0, 0]);
    expect(await resultOf((b) => b.triangular(x(b), { upper: false, diagonal: -1 }))).toEqual([
      0, 0, 0, 9, 0, 0, 2, 6, 0,
    ]);
    expect(await resultOf((b) => b.triangular(x(b), { diagonal: 2 ** 40 }))).toEqual(new Array(9).fill(0));
    expect(await resultOf((b) => b.triangular(x(b), { diagonal: -(2 ** 40) }))).toEqual([7, 1, 2, 9, 4, 8, 2, 6, 3]);
  });
});

describe('elementwise operators of several operands', () => {
  const arithmetic: Record<string, readonly [readonly number[], readonly number[]]> = {
    add: [
      [11, 22, 13, 24],
      [11, 22, 13, 24],
    ],
    sub: [
      [-9, -18, -7, -16],
      [-9, -18, -7, -16],
    ],
    mul: [
      [10, 40, 30, 80],
      [10, 40, 30, 80],
    ],
    div: [
      [0.1, 0.1, 0.3, 0.2],
      [0, 0, 0, 0],
    ],
    max: [
      [10, 20, 10, 20],
      [10, 20, 10, 20],
    ],
    min: [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
    equal: [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
    notEqual: [
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ],
    lesser: [
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ],
    greaterOrEqual: [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  };
  it.each(Object.entries(arithmetic))('%s broadcasts [2, 2] and [2]', async (name, [floats, integers]) => {
    const operator = name as 'add';
    expectClose(await resultOf((b) => b[operator](float32(b, [1, 2, 3, 4], [2, 2]), float32(b, [10, 20]))), floats);
    expectClose(await resultOf((b) => b[operator](int32(b, [1, 2, 3, 4], [2, 2]), int32(b, [10, 20]))), integers);
  });

  it('comparisons tell apart less, equal, greater and NaN', async () => {
    const a = [1, 2, 3, Number.NaN];
    const expected: Record<string, readonly number[]> = {
      equal: [0, 1, 0, 0],
      notEqual: [1, 0, 1, 1],
      lesser: [1, 0, 0, 0],
      lesserOrEqual: [1, 1, 0, 0],
      greater: [0, 0, 1, 0],
      greaterOrEqual: [0, 1, 1, 0],
    };
    for (const [name, values] of Object.entries(expected)) {
      expect(await resultOf((b) => b[name as 'equal'](float32(b, a), float32(b, [2]))), name).toEqual(values);
    }
  });

  it('logical operators take anything but 0 as true', async () => {
    const [a, c] = [
      [0, 0, 5, 1],
      [0, 3, 0, 1],
    ];
    expect(await resultOf((b) => b.logicalAnd(uint8(b, a!), uint8(b, c!)))).toEqual([0, 0, 0, 1]);
    expect(await resultOf((b) => b.logicalOr(uint8(b, a!), uint8(b, c!)))).toEqual([0, 1, 1, 1]);
    expect(await resultOf((b) => b.logicalXor(uint8(b, a!), uint8(b, c!)))).toEqual([0, 1, 1, 0]);
  });

  it('pow raises to a power', async () => {
    expectClose(await resultOf((b) => b.pow(float32(b, [2, 3, 4]), float32(b, [3, 2, 0.5]))), [8, 9, 2]);
  });

  it('where chooses by a broadcast condition', async () => {
    const result = resultOf((b) =>
      b.where(uint8(b, [1, 0], [2, 1]), float32(b, [1, 2, 3, 4], [2, 2]), b.constant('float32', -1)),
    );
    expect(await result).toEqual([1, 2, -1, -1]);
  });

  it('quantizeLinear rounds to even and saturates, block by block', async () => {
    const quantized = resultOf((b) =>
      b.quantizeLinear(float32(b, [1, 2, 5, 900], [1, 4]), float32(b, [2, 0.5], [1, 2]), uint8(b, [10, 20], [1, 2])),
    );
    expect(await quantized).toEqual([10, 11, 30, 255]);
  });

  it('dequantizeLinear undoes it, with blocks along two axes', async () => {
    const values = resultOf((b) => {
      const q = uint8(b, [...Array(16).keys()], [4, 4]);
      return b.dequantizeLinear(q, float32(b, [1, 2, 3, 4], [2, 2]), uint8(b, [0, 1, 2, 3], [2, 2]));
    });
    const expected = Array.from({ length: 16 }, (_, q) => {
      const block = Math.floor(q / 8) * 2 + Math.floor((q % 4) / 2);
      return (q - block) * (block + 1);
    });
    expect(await values).toEqual(expected);
  });
});
