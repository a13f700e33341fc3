import type { Configuration } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { type MatmulCase, matmulStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep, worstError } from '../support/simulate-step.js';

export interface ProductCase extends MatmulCase {
  readonly kernel: string;
  /** Over the greatest magnitude of the result. */
  readonly tolerance: number;
  readonly architecture?: Architecture;
  readonly tuning?: Configuration;
}

/** Tolerance: sums of float32 in another order. */
export const sumOrder = 2e-6;
/** Tolerance: activations rounded to int8, by groups of 32. */
export const roundedToInt8 = 0.02;

/** Runs each product on the simulator and holds it against the reference interpreter. */
export function testProducts(title: string, cases: Readonly<Record<string, ProductCase>>): void {
  describe(title, { timeout: 120_000 }, () => {
    it.each(Object.entries(cases))('%s agrees with the reference', async (_, problem) => {
      const { kernel, findings, outputs } = await simulateStep(matmulStep(problem), problem);
      expect(kernel).toBe(problem.kernel);
      expect(findings.map(({ kind, instruction }) => `${kind}: ${instruction}`)).toEqual([]);
      expect(worstError(outputs[0]!)).toBeLessThanOrEqual(problem.tolerance);
    });
  });
}
