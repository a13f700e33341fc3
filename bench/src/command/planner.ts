import { type Lifetime, planMemory } from '@halyard/core';
import { allocationProblems, seeded } from '../measure/allocation-problems.js';
import { geometricMean } from '../measure/statistics.js';
import { type Report, times } from '../table.js';

/** How near the planner comes to the lower bound, on problems of a few hundred buffers. Every plan is checked. */
export function planner(seeds: number): Report {
  const results = Object.entries(allocationProblems).map(([problem, make]) => {
    const runs = Array.from({ length: seeds }, (_, seed) => {
      const lifetimes = make(seeded(seed + 1));
      const started = performance.now();
      const usage = process.cpuUsage();
      const plan = planMemory(lifetimes);
      const { user, system } = process.cpuUsage(usage);
      const seconds = (performance.now() - started) / 1000;
      checkPlan(lifetimes, plan.offsets, plan.peakBytes);
      return { ratio: plan.peakBytes / plan.lowerBoundBytes, seconds, processorSeconds: (user + system) / 1e6 };
    });
    const ratios = runs.map(({ ratio }) => ratio);
    return {
      problem,
      meanRatio: geometricMean(ratios),
      worstRatio: Math.max(...ratios),
      slowestSeconds: Math.max(...runs.map(({ seconds }) => seconds)),
      mostProcessorSeconds: Math.max(...runs.map(({ processorSeconds }) => processorSeconds)),
    };
  });
  return {
    title: `Memory planner: planned bytes ÷ lower bound, ${seeds} problems of each kind`,
    columns: ['problem', 'mean', 'worst', 'slowest', 'most processor time'],
    rows: results.map(({ problem, meanRatio, worstRatio, slowestSeconds, mostProcessorSeconds }) => [
      problem,
      `${meanRatio.toFixed(3)}×`,
      `${worstRatio.toFixed(3)}×`,
      `${(slowestSeconds * 1000).toFixed(0)} ms`,
      `${(mostProcessorSeconds * 1000).toFixed(0)} ms`,
    ]),
    notes: [`Worst of all ${times(Math.max(...results.map(({ worstRatio }) => worstRatio)))}`],
    data: results,
  };
}

function checkPlan(lifetimes: readonly Lifetime[], offsets: readonly number[], peak: number): void {
  lifetimes.forEach((one, i) => {
    const end = offsets[i]! + one.bytes;
    if (offsets[i]! % (one.alignment ?? 64) !== 0 || end > peak) throw new Error(`Buffer ${i} is misplaced.`);
    lifetimes.slice(0, i).forEach((other, j) => {
      const together = one.first <= other.last && other.first <= one.last;
      if (together && offsets[i]! < offsets[j]! + other.bytes && offsets[j]! < end) {
        throw new Error(`Buffers ${j} and ${i} overlap.`);
      }
    });
  });
}
