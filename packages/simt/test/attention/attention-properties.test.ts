import type { Multiply, Type } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep, worstError } from '../support/simulate-step.js';

const tolerances: Readonly<Partial<Record<Multiply, number>>> = { float32: 3e-6, float16: 3e-3, bfloat16: 2e-2 };

const problems = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  keyHeads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 4 }),
  queries: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 70 })),
  pages: fc.integer({ min: 1, max: 12 }),
  blockSize: fc.constantFrom(8, 16),
  isPaged: fc.boolean(),
  size: fc.constantFrom(8, 20, 32, 64, 80),
  valueSize: fc.constantFrom(8, 24, 36, 64),
  key: fc.constantFrom<Type>('float32', 'float16', 'bfloat16'),
  multiply: fc.constantFrom<Multiply>('float32', 'float16', 'bfloat16'),
  causal: fc.boolean(),
  hasMask: fc.boolean(),
  fill: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  architecture: fc.constantFrom<Architecture>('sm_70', 'sm_75', 'sm_80', 'sm_90'),
});

describe('any attention', { timeout: 120_000 }, () => {
  it('agrees with the reference, whatever its extents, pages, lengths, mask, precision and architecture', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { batch, keyHeads, group, pages, blockSize, isPaged, fill, architecture } = problem;
        const capacity = pages * blockSize;
        const one = attentionStep({
          ...problem,
          heads: keyHeads * group,
          capacity,
          blockSize: isPaged ? blockSize : 0,
          hasSums: true,
        });
        const lengths = fill.slice(0, batch).map((share) => Math.round(share * capacity));
        const { findings, outputs } = await simulateStep(one, { architecture, lengths });
        expect(findings.map(({ kind, instruction }) => `${kind}: ${instruction}`)).toEqual([]);
        for (const output of outputs) expect(worstError(output)).toBeLessThanOrEqual(tolerances[problem.multiply]!);
      }),
      { numRuns: 20, seed: 20261124, endOnFailure: true },
    );
  });
});
