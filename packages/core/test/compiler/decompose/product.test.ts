import type { MLGraphBuilder, Type } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { expectClose, float32, int32, resultOf } from './operands.js';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Deterministic values between −1 and 1. */
const noise = (count: number, seed: number) => range(count).map((index) => Math.sin(index * 12.9898 + seed * 78.233));

function product(a: readonly number[], b: readonly number[], m: number, k: number, n: number): number[] {
  return range(m * n).map((at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    return range(k).reduce((sum, i) => sum + a[row * k + i]! * b[i * n + column]!, 0);
  });
}

describe('matmul and gemm', () => {
  it('matmul multiplies matrices', async () => {
    const result = resultOf((b) => b.matmul(float32(b, range(6), [2, 3]), float32(b, range(12), [3, 4])));
    expect(await result).toEqual(product(range(6), range(12), 2, 3, 4));
  });

  it('matmul broadcasts batches', async () => {
    const [a, c] = [noise(2 * 3 * 4, 1), noise(5 * 4 * 2, 2)];
    const result = resultOf((b) => b.matmul(float32(b, a, [2, 1, 3, 4]), float32(b, c, [5, 4, 2])));
    const expected = range(2).flatMap((i) =>
      range(5).flatMap((j) => product(a.slice(i * 12, i * 12 + 12), c.slice(j * 8, j * 8 + 8), 3, 4, 2)),
    );
    expectClose(await result, expected);
  });

  it('a product over nothing is zero', async () => {
    expect(await resultOf((b) => b.matmul(float32(b, [], [2, 0]), float32(b, [], [0, 2])))).toEqual([0, 0, 0, 0]);
  });

  it('gemm scales, adds and transposes', async () => {
    const [a, c] = [range(6), range(6)];
    const plain = product([0, 3, 1, 4, 2, 5], [0, 2, 4, 1, 3, 5], 3, 2, 3);
    const result = resultOf((b) =>
      b.gemm(float32(b, a, [2, 3]), float32(b, c, [3, 2]), {
        c: float32(b, [10, 20, 30]),
        alpha: 2,
        beta: 0.5,
        aTranspose: true,
        bTranspose: true,
      }),
    );
    expect(await result).toEqual(plain.map((value, at) => 2 * value + [5, 10, 15][at % 3]!));
  });
});

describe('block-quantized weights', () => {
  /** q8_0: blocks of 32 int8 behind a float16 scale, here 1 and 0.5 in turn. */
  function q8(rows: number, columns: number) {
    const values = range(rows * columns).map((index) => ((index * 7) % 19) - 9);
    const bytes = new Uint8Array((rows * columns * 34) / 32);
    const dequantized = values.map((value, index) => {
      const block = Math.floor(index / 32);
      const isHalf = block % 2 === 1;
      bytes.set([0x00, isHalf ? 0x38 : 0x3c], block * 34);
      bytes[block * 34 + 2 + (index % 32)] = value & 0xff;
      return isHalf ? value / 2 : value;
    });
    return { bytes, dequantized };
  }
  const { bytes, dequantized } = q8(3, 64);
  const weights = (b: MLGraphBuilder) => b.constant({ dataType: 'q8_0' as Type & 'q8_0', shape: [3, 64] }, bytes);

  it('cast dequantizes, gather dequantizes rows', async () => {
    expect(await resultOf((b) => b.cast(weights(b), 'float32'))).toEqual(dequantized);
    expect(await resultOf((b) => b.gather(weights(b), int32(b, [2])))).toEqual(dequantized.slice(128));
  });

  it('matmul and gemm read them transposed', async () => {
    const a = range(64);
    const transposed = range(64 * 3).map((at) => dequantized[(at % 3) * 64 + Math.floor(at / 3)]!);
    const expected = product(a, transposed, 1, 64, 3);
    expect(await resultOf((b) => b.matmul(float32(b, a, [1, 64]), b.transpose(weights(b))))).toEqual(expected);
    expect(await resultOf((b) => b.gemm(float32(b, a, [1, 64]), weights(b), { bTranspose: true }))).toEqual(expected);
  });

  it('slices of whole rows and whole blocks are read, parts of blocks rejected', async () => {
    const rows = resultOf((b) => b.cast(b.slice(weights(b), [1, 32], [2, 32]), 'float32'));
    expect(await rows).toEqual([...dequantized.slice(96, 128), ...dequantized.slice(160, 192)]);
    const part = resultOf((b) => b.cast(b.slice(weights(b), [0, 16], [3, 32]), 'float32'));
    await expect(part).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('a reshape that needs a copy dequantizes', async () => {
    const result = resultOf((b) => b.cast(b.reshape(b.transpose(weights(b)), [192]), 'float32'));
    expect(await result).toEqual(range(192).map((at) => dequantized[(at % 3) * 64 + Math.floor(at / 3)]!));
  });
});

describe('scaledDotProductAttention', () => {
  interface Shape {
    readonly batch: number;
    readonly heads: number;
    readonly keyHeads: number;
    readonly queries: number;
    readonly keys: number;
    readonly width: number;
  }
  const shape: Shape = { batch: 2, heads: 4, keyHeads: 2, queries: 3, keys: 5, width: 2 };
  const query = noise(2 * 4 * 3 * 2, 1);
  const key = noise(2 * 2 * 5 * 2, 2);
  const value = noise(2 * 2 * 5 * 2, 3);

  function expected(sees: (sequence: number, query: number, key: number) => boolean, scale: number) {
    const { batch, heads, keyHeads, queries, keys, width } = shape;
    const result: number[] = [];
    for (let sequence = 0; sequence < batch; sequence++) {
      for (let head = 0; head < heads; head++) {
        const base = (sequence * keyHeads + Math.floor((head * keyHeads) / heads)) * keys * width;
        for (let q = 0; q < queries; q++) {
          const row = ((sequence * heads + head) * queries + q) * width;
          const weights = range(keys).map((k) => {
            const score = range(width).reduce((sum, i) => sum + query[row + i]! * key[base + k * width + i]!, 0);
            return sees(sequence, q, k) ? Math.exp(score * scale) : 0;
          });
          const total = weights.reduce((a, c) => a + c, 0);
          for (let i = 0; i < width; i++) {
            const sum = weights.reduce((acc, weight, k) => acc + weight * value[base + k * width + i]!, 0);
            result.push(total === 0 ? 0 : sum / total);
          }
        }
      }
    }
    return result;
  }
  const operands = (b: MLGraphBuilder) =>
    [float32(b, query, [2, 4, 3, 2]), float32(b, key, [2, 2, 5, 2]), float32(b, value, [2, 2, 5, 2])] as const;

  it('groups of heads share a head of the keys', async () => {
    const result = resultOf((b) => b.scaledDotProductAttention(...operands(b)));
    expectClose(
      await result,
      expected(() => true, 1 / Math.sqrt(2)),
    );
  });

  it('lengths, starts and causality hide keys; who sees none gives zeros', async () => {
    const result = resultOf((b) =>
      b.scaledDotProductAttention(...operands(b), {
        lengths: int32(b, [4, 2]),
        starts: int32(b, [1, 0]),
        causal: true,
        scale: 1,
      }),
    );
    const [lengths, starts] = [
      [4, 2],
      [1, 0],
    ];
    const sees = (sequence: number, q: number, k: number) =>
      k >= starts![sequence]! && k < lengths![sequence]! && k <= lengths![sequence]! - 3 + q;
    expectClose(await result, expected(sees, 1));
    // Of the second sequence the first query comes before both keys.
    expect(expected(sees, 1).slice(24, 26)).toEqual([0, 0]);
  });

  it('a mask is added to the scores, broadcast over heads', async () => {
    const mask = noise(15, 4).map((x) => (x > 0 ? 0 : Number.NEGATIVE_INFINITY));
    const result = resultOf((b) => b.scaledDotProductAttention(...operands(b), { mask: float32(b, mask, [3, 5]) }));
    expectClose(
      await result,
      expected((_, q, k) => mask[q * 5 + k] === 0, 1 / Math.sqrt(2)),
    );
  });
});

describe('rotaryEmbedding', () => {
  const angles = [0.3, 1.1, 0.7, 2];
  const x = range(8);
  const turned = (first: number, second: number, angle: number) => [
    first * Math.cos(angle) - second * Math.sin(angle),
    second * Math.cos(angle) + first * Math.sin(angle),
  ];
  const build = (layout?: 'halves' | 'pairs') =>
    resultOf((b) =>
      b.rotaryEmbedding(
        float32(b, x, [1, 2, 4]),
        float32(b, angles.map(Math.cos), [2, 2]),
        float32(b, angles.map(Math.sin), [2, 2]),
        layout ? { layout } : {},
      ),
    );

  it('turns halves against each other', async () => {
    const expected = range(2).flatMap((row) => {
      const pairs = range(2).map((i) => turned(x[row * 4 + i]!, x[row * 4 + i + 2]!, angles[row * 2 + i]!));
      return [pairs[0]![0]!, pairs[1]![0]!, pairs[0]![1]!, pairs[1]![1]!];
    });
    expectClose(await build(), expected);
  });

  it('turns neighbours', async () => {
    const expected = range(2).flatMap((row) =>
      range(2).flatMap((i) => turned(x[row * 4 + 2 * i]!, x[row * 4 + 2 * i + 1]!, angles[row * 2 + i]!)),
    );
    expectClose(await build('pairs'), expected);
  });
});
