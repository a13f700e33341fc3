import type { Multiply, Operand, Step, Tensor, Type, View } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OneStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep, worstError } from '../support/simulate-step.js';

/** What each precision may be off by, over the greatest magnitude of the result. */
const tolerances: Readonly<Record<Multiply, number>> = {
  float32: 3e-6,
  tfloat32: 4e-3,
  bfloat16: 2e-2,
  float16: 3e-3,
  float8: 0.2,
  int8: 2e-2,
};

interface Layout {
  /** Elements in front of, and behind, each row of memory. */
  readonly before: number;
  readonly behind: number;
  readonly isTransposed: boolean;
  /** All batches read the same. */
  readonly isBroadcast: boolean;
}

const layouts = fc.record<Layout>({
  before: fc.constantFrom(0, 0, 3, 8),
  behind: fc.constantFrom(0, 0, 5, 8),
  isTransposed: fc.boolean(),
  isBroadcast: fc.boolean(),
});

const problems = fc.record({
  m: fc.integer({ min: 1, max: 80 }),
  n: fc.integer({ min: 1, max: 90 }),
  k: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(32, 64, 128)),
  batches: fc.integer({ min: 1, max: 3 }),
  a: fc.constantFrom<Type>('float32', 'float16', 'bfloat16'),
  b: fc.constantFrom<Type>('float32', 'float16', 'bfloat16'),
  multiply: fc.constantFrom<Multiply>('float32', 'float32', 'float16', 'bfloat16', 'tfloat32'),
  architecture: fc.constantFrom<Architecture>('sm_70', 'sm_75', 'sm_80', 'sm_90'),
  layouts: fc.tuple(layouts, layouts, layouts),
});

/** A matmul over views that are slices, turned and broadcast; the output is a slice, too. */
function build(problem: typeof problems extends fc.Arbitrary<infer T> ? T : never): OneStep<'matmul'> {
  const { m, n, k, batches } = problem;
  const tensors: Tensor[] = [];
  const view = (type: Type, rows: number, columns: number, layout: Layout): View => {
    const [outer, inner] = layout.isTransposed ? [columns, rows] : [rows, columns];
    const length = layout.before + inner + layout.behind;
    const stored = layout.isBroadcast ? 1 : batches;
    tensors.push({ type, shape: [stored, outer, length], at: { binding: tensors.length }, offset: 0 });
    const batch = layout.isBroadcast ? 0 : outer * length;
    const strides = layout.isTransposed ? [batch, 1, length] : [batch, length, 1];
    return { tensor: tensors.length - 1, offset: layout.before, shape: [batches, rows, columns], strides };
  };
  const [ofA, ofB, ofOutput] = problem.layouts;
  const inputs: Operand[] = [view(problem.a, m, k, ofA), view(problem.b, k, n, ofB)];
  const outputs = [view('float32', m, n, { ...ofOutput, isBroadcast: false })];
  const attributes = { multiply: problem.multiply, accumulate: 'float32' } as const;
  const step: Step<'matmul'> = { kind: 'matmul', inputs, outputs, attributes, after: [], origin: [] };
  return { tensors, step };
}

describe('any product of matrices', { timeout: 120_000 }, () => {
  it('agrees with the reference, whatever its views, dtypes, precision and architecture', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { findings, outputs } = await simulateStep(build(problem), { architecture: problem.architecture });
        expect(findings.map(({ kind, instruction }) => `${kind}: ${instruction}`)).toEqual([]);
        expect(worstError(outputs[0]!)).toBeLessThanOrEqual(tolerances[problem.multiply]);
      }),
      { numRuns: 24, seed: 20261124, endOnFailure: true },
    );
  });
});
