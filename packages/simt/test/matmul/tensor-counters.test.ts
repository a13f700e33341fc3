import { lookupTuning } from '@halyard/core';
import { architectureModel, roofline } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { matmulStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep } from '../support/simulate-step.js';

const extent = 4096;
const tile = 128;
const sectorBytes = 32;

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
  const { kernel, counters, findings } = await simulateStep(one, { architecture, blocks: 1, tuning });
  expect(kernel).toBe('matmul-tensor-float16');
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
      const bound = (2 * tile * extent * 2) / sectorBytes;
      expect(counters.globalLoadSectors).toBeLessThanOrEqual(1.1 * bound);
      expect(counters.matrixMultiplyAdds.float16).toBe(tile * tile * extent);
    },
  );

  it.each(['sm_80', 'sm_90'] as const)(
    'on %s is bound by what its tensor cores do to more than 80 %%',
    async (architecture) => {
      const counters = await block(architecture, true);
      const model = architectureModel(architecture);
      const blocks = (extent / tile) ** 2;
      const compulsory = (3 * extent * extent * 2) / blocks;
      const { matrixUtilization, clocks } = roofline(counters, model, { memoryBytes: compulsory });
      expect(clocks.matrix / clocks.issue).toBeGreaterThan(0.8);
      expect(matrixUtilization).toBeGreaterThan(0.8);
    },
  );
});
