import { HalyardError, type Lifetime, type MemoryPlan, planMemory } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryProblems, seeded } from './memory-problems.js';

const rounded = (lifetime: Lifetime) =>
  Math.ceil(lifetime.bytes / (lifetime.alignment ?? 64)) * (lifetime.alignment ?? 64);

/** Fails unless the plan is sound: aligned, inside its peak, and nothing alive at once overlaps. */
function checkPlan(lifetimes: readonly Lifetime[], plan: MemoryPlan): void {
  expect(plan.offsets).toHaveLength(lifetimes.length);
  let peak = 0;
  for (const [a, one] of lifetimes.entries()) {
    const start = plan.offsets[a]!;
    if (!Number.isInteger(start) || start < 0 || start % (one.alignment ?? 64) !== 0)
      throw new Error(`${a} at ${start}`);
    if (one.bytes > 0) peak = Math.max(peak, start + rounded(one));
    for (let b = a + 1; b < lifetimes.length; b++) {
      const other = lifetimes[b]!;
      const together = one.first <= other.last && other.first <= one.last;
      const disjoint = start + one.bytes <= plan.offsets[b]! || plan.offsets[b]! + other.bytes <= start;
      if (together && !disjoint && one.bytes > 0 && other.bytes > 0) throw new Error(`${a} and ${b} overlap`);
    }
  }
  expect(plan.peakBytes).toBe(peak);
  expect(plan.peakBytes).toBeGreaterThanOrEqual(plan.lowerBoundBytes);
}

/** The most bytes alive at a step, step by step. */
function lowerBound(lifetimes: readonly Lifetime[]): number {
  let most = 0;
  for (const { first: step } of lifetimes) {
    let live = 0;
    for (const lifetime of lifetimes) if (lifetime.first <= step && step <= lifetime.last) live += rounded(lifetime);
    most = Math.max(most, live);
  }
  return most;
}

/** How far above the lower bound a plan may end. Cuts without waste leave no room for any mistake at all. */
const tolerance = (name: string) => (name.includes('without waste') || name.includes('two towers') ? 1.15 : 1.05);

describe('planMemory', () => {
  test.each(Object.entries(memoryProblems))('comes close to the lower bound on %s', (name, make) => {
    for (const count of [60, 250, 400]) {
      const problem = make(count, seeded(count));
      const plan = planMemory(problem, { effort: 15_000_000 });
      checkPlan(problem, plan);
      expect(plan.lowerBoundBytes).toBe(lowerBound(problem));
      expect(plan.peakBytes / plan.lowerBoundBytes).toBeLessThan(tolerance(name));
    }
  });

  test.each(Object.entries(memoryProblems))(
    'takes less than a second to come within 1.10 of it on %s',
    (name, make) => {
      const problem = make(400, seeded(7));
      const began = process.cpuUsage();
      const plan = planMemory(problem);
      const { user, system } = process.cpuUsage(began);
      checkPlan(problem, plan);
      expect(plan.peakBytes / plan.lowerBoundBytes, name).toBeLessThanOrEqual(1.1);
      // Of the processor: a busy machine takes longer by the clock.
      expect(user + system).toBeLessThan(1e6);
    },
  );

  test('lets no two buffers that are alive together overlap, whatever they are', () => {
    const lifetime = fc
      .record({
        bytes: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 40 })),
        first: fc.integer({ min: 0, max: 20 }),
        length: fc.integer({ min: 0, max: 20 }),
        alignment: fc.constantFrom(1, 64, 256, 4096),
      })
      .map(({ bytes, first, length, alignment }) => ({ bytes, first, last: first + length, alignment }));
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
        const plan = planMemory(lifetimes, { effort: 50_000 });
        checkPlan(lifetimes, plan);
        expect(plan.lowerBoundBytes).toBe(lowerBound(lifetimes));
      }),
      { numRuns: 200 },
    );
  });

  test('gives the same plan every time', () => {
    const problem = memoryProblems['sizes over six orders of magnitude']!(200, seeded(3));
    expect(planMemory(problem, { effort: 1_000_000 })).toEqual(planMemory(problem, { effort: 1_000_000 }));
  });

  test('stops at the first plan that fits the capacity', () => {
    const problem = memoryProblems['a tower cut without waste']!(200, seeded(5));
    const capacity = Math.ceil(lowerBound(problem) * 1.3);
    expect(planMemory(problem, { capacity }).peakBytes).toBeLessThanOrEqual(capacity);
  });

  test('gives back memory that died before the next begins', () => {
    const plan = planMemory([
      { bytes: 100, first: 0, last: 1 },
      { bytes: 100, first: 2, last: 3 },
    ]);
    expect(plan).toEqual({ offsets: [0, 0], peakBytes: 128, lowerBoundBytes: 128 });
  });

  test('plans nothing in no memory', () => {
    expect(planMemory([])).toEqual({ offsets: [], peakBytes: 0, lowerBoundBytes: 0 });
    expect(planMemory([{ bytes: 0, first: 0, last: 9 }]).peakBytes).toBe(0);
  });

  test.each([
    { bytes: -1, first: 0, last: 1 },
    { bytes: 1.5, first: 0, last: 1 },
    { bytes: 1, first: 2, last: 1 },
    { bytes: 1, first: 0, last: 1, alignment: 48 },
    { bytes: Number.NaN, first: 0, last: 1 },
  ])('refuses %j', (lifetime) => {
    expect(() => planMemory([lifetime])).toThrow(HalyardError);
  });
});
