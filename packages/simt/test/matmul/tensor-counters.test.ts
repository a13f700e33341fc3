import { lookupTuning } from '@halyard/core';
import { architectureModel, roofline } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { matmulStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep } from '../support/simulate-step.js';

const extent = 4096;
const sectorBytes = 32;

/** Rows and columns of a block's tile. On Hopper the block is one of as many as there are tiles. */
const tileOf = (architecture: Architecture) =>
  architecture === 'sm_90' ? ([128, 256] as const) : ([128, 128] as const);

/** One block of a float16 product of 4096³, with what the table of the house says. */
async function block(architecture: Architecture, isTransposedB: boolean) {
  const one = matmulStep({
    m: extent,
    n: extent,
    k: extent,
    a: 'float16',
    b: 'float16',
    multiply: 'float16',
    output: 'float16',
    isTransposedB,
  });
  const tuning = lookupTuning(
    { architecture, relatives: [], fingerprint: architecture } as never,
    one.step,
    one.tensors,
  );
  const [rows, columns] = tileOf(architecture);
  const isHopper = architecture === 'sm_90';
  const { kernel, counters, findings } = await simulateStep(one, {
    architecture,
    blocks: 1,
    tuning: isHopper ? { ...tuning, workers: extent ** 2 / (rows * columns) } : tuning,
  });
  expect(kernel).toBe(isHopper ? 'matmul-warpgroup-float16' : 'matmul-tensor-float16');
  expect(findings.filter(({ kind }) => kind !== 'uninitialized-read')).toEqual([]);
  return counters[0]!;
}

describe('a float16 product of 4096³', { timeout: 120_000 }, () => {
  const architectures: Architecture[] = ['sm_75', 'sm_80', 'sm_90', 'sm_120'];

  it.each(architectures.flatMap((one) => [true, false].map((isTransposedB) => [one, isTransposedB] as const)))(
    'on %s, b by columns %s, meets no bank twice and reads what its tiles hold once',
    async (architecture, isTransposedB) => {
      const counters = await block(architecture, isTransposedB);
      expect(counters.sharedBankConflicts).toBe(0);
      const [rows, columns] = tileOf(architecture);
      const bound = ((rows + columns) * extent * 2) / sectorBytes;
      expect(counters.globalLoadSectors).toBeLessThanOrEqual(1.1 * bound);
      expect(counters.matrixMultiplyAdds.float16).toBe(rows * columns * extent);
    },
  );

  it.each(['sm_80', 'sm_90'] as const)(
    'on %s is bound by what its tensor cores do to more than 80 %%',
    async (architecture) => {
      const counters = await block(architecture, true);
      const model = architectureModel(architecture);
      const [rows, columns] = tileOf(architecture);
      const blocks = extent ** 2 / (rows * columns);
      const compulsory = (3 * extent * extent * 2) / blocks;
      const { matrixUtilization, clocks } = roofline(counters, model, { memoryBytes: compulsory });
      expect(clocks.matrix / clocks.issue).toBeGreaterThan(0.8);
      expect(matrixUtilization).toBeGreaterThan(0.8);
    },
  );
});
