import { memoryProblem } from './memory/problem.js';
import { search } from './memory/search.js';
import type { Lifetime, MemoryPlan, MemoryPlanOptions } from './memory-plan.js';

const defaultEffort = 45_000_000;

/**
 * Gives every buffer an offset in one arena, so that no two that are alive at a step overlap and the arena is small.
 * Pure and deterministic.
 *
 * @throws HalyardError `bad-argument` for sizes, steps or alignments that make no sense
 */
export function planMemory(lifetimes: readonly Lifetime[], options: MemoryPlanOptions = {}): MemoryPlan {
  const problem = memoryProblem(lifetimes);
  const offsets = new Array<number>(lifetimes.length).fill(0);
  if (problem.count === 0) return { offsets, peakBytes: 0, lowerBoundBytes: 0 };
  const enough = Math.max(problem.lowerBound, options.capacity ?? 0);
  const solution = search(problem, enough, options.effort ?? defaultEffort);
  for (let buffer = 0; buffer < problem.count; buffer++) offsets[problem.original[buffer]!] = solution.offsets[buffer]!;
  return { offsets, peakBytes: solution.peak, lowerBoundBytes: problem.lowerBound };
}
