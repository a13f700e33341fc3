import { compileCuda, fetchToolkit } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { fromHalf, noise, Program, toHalf } from './programs.js';

type Major = 'row' | 'col';

/**
 * Four products at once, as on Volta: quad pair p holds rows and columns p of four matrices of 8 × 4, 4 × 8 and 8 × 8.
 * Where an element lies is written out by the formulas of the PTX manual, "Matrix Fragments for mma.m8n8k4".
 */
const source = (a: Major, b: Major, d: 'f32' | 'f16', c: 'f32' | 'f16') => `#include <cuda_fp16.h>
  extern "C" __global__ void quads(const half* a, const half* b, const ${c === 'f32' ? 'float' : 'half'}* c,
                                   ${d === 'f32' ? 'float' : 'half'}* d) {
    const int lane = threadIdx.x, p = lane % 16 / 4, high = lane < 16 ? 0 : 4, q = lane % 4;
    half x[4], y[4];
    for (int i = 0; i < 4; ++i) {
      x[i] = ${a === 'row' ? 'a[(p * 8 + high + q) * 4 + i]' : 'a[(p * 8 + high + i) * 4 + q]'};
      y[i] = ${b === 'row' ? 'b[(p * 4 + q) * 8 + high + i]' : 'b[(p * 4 + i) * 8 + high + q]'};
    }
    const unsigned *xs = (const unsigned*)x, *ys = (const unsigned*)y;
    #define ROW_f32(i) (high + (lane & 1) + (i & 2))
    #define COLUMN_f32(i) ((i & 4) + (lane & 2) + (i & 1))
    #define ROW_f16(i) (high + q)
    #define COLUMN_f16(i) (i)
    ${c === 'f32' ? 'float' : 'half'} z[8];
    ${d === 'f32' ? 'float' : 'half'} r[8];
    for (int i = 0; i < 8; ++i) z[i] = c[(p * 8 + ROW_${c}(i)) * 8 + COLUMN_${c}(i)];
    unsigned* rs = (unsigned*)r; const unsigned* zs = (const unsigned*)z;
    asm volatile("mma.sync.aligned.m8n8k4.${a}.${b}.${d}.f16.f16.${c} ${operands(d, c)}
    for (int i = 0; i < 8; ++i) d[(p * 8 + ROW_${d}(i)) * 8 + COLUMN_${d}(i)] = r[i];
  }`;

function operands(d: 'f32' | 'f16', c: 'f32' | 'f16'): string {
  const counts = [d === 'f32' ? 8 : 4, 2, 2, c === 'f32' ? 8 : 4];
  let next = 0;
  const vectors = counts.map((count) => `{${Array.from({ length: count }, () => `%${next++}`).join(', ')}}`);
  const list = (count: number, text: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => text(i)).join(', ');
  const outputs = list(counts[0]!, (i) => (d === 'f32' ? `"=f"(r[${i}])` : `"=r"(rs[${i}])`));
  const sums = list(counts[3]!, (i) => (c === 'f32' ? `"f"(z[${i}])` : `"r"(zs[${i}])`));
  const inputs = `"r"(xs[0]), "r"(xs[1]), "r"(ys[0]), "r"(ys[1]), ${sums}`;
  return `${vectors.join(', ')};" : ${outputs} : ${inputs});`;
}

describe('mma.m8n8k4 of halves, on sm_70', () => {
  it.each([
    ['row', 'col', 'f32', 'f32'],
    ['col', 'row', 'f32', 'f32'],
    ['row', 'row', 'f16', 'f16'],
    ['col', 'col', 'f32', 'f16'],
  ] as const)('multiplies four matrices in %s by four in %s, sums in %s from %s', async (a, b, d, c) => {
    const { ptx } = await compileCuda(await fetchToolkit('12'), source(a, b, d, c), { architecture: 'sm_70' });
    const program = new Program(ptx, 'sm_70');
    // Sixteenths, so that all sums are exact.
    const numbers = (count: number, seed: number) => noise(count, seed).map((x) => Math.round(x * 16) / 16);
    const [left, right, sums] = [numbers(128, 1), numbers(128, 2), numbers(256, 3)];
    const out = program.room(256 * (d === 'f32' ? 4 : 2));
    const given = c === 'f32' ? sums : toHalf(sums);
    const addresses = [program.put(toHalf(left)), program.put(toHalf(right)), program.put(given), out];
    const result = await program.run('quads', { block: [32] }, ...addresses);
    expect(result).toMatchObject({ error: null, findings: [] });
    const found =
      d === 'f32'
        ? [...program.floats(out, 256)]
        : Array.from(new Uint16Array(program.device.read(out, 512)), fromHalf);
    for (let p = 0; p < 4; ++p)
      for (let i = 0; i < 8; ++i)
        for (let j = 0; j < 8; ++j) {
          let sum = sums[p * 64 + i * 8 + j]!;
          for (let k = 0; k < 4; ++k) sum += left[(p * 8 + i) * 4 + k]! * right[(p * 4 + k) * 8 + j]!;
          expect(found[p * 64 + i * 8 + j], `product ${p}, ${i}, ${j}`).toBeCloseTo(sum, d === 'f32' ? 6 : 2);
        }
    expect(result.counters.matrixMultiplyAdds.float16).toBe(4 * 8 * 8 * 4);
  });
});
