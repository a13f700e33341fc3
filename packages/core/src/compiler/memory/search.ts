import { SkylineClimb } from './climb.js';
import { startingOrders } from './orders.js';
import { Placement } from './placement.js';
import type { MemoryProblem } from './problem.js';
import { Skyline } from './skyline.js';
import { Squeeze } from './squeeze.js';
import type { Solution, Start, Strategy } from './strategy.js';

/**
 * Tries every starting order with every way of placing, then lets the strategies search on in turns, those more
 * often that have found more.
 *
 * @param enough stop at the first plan whose peak is no higher
 * @param effort comparisons between buffers, after which the best plan so far is taken
 */
export function search(problem: MemoryProblem, enough: number, effort: number): Solution {
  const orders = startingOrders(problem);
  const random = generator(0x9e3779b9);
  let best: Solution = { offsets: new Float64Array(problem.count), peak: Number.POSITIVE_INFINITY };
  let spent = 0;
  const offer = (solution: Solution) => {
    if (solution.peak < best.peak) best = solution;
    return best.peak <= enough;
  };

  const strategies: Strategy[] = [];
  for (const tiles of [false, true]) {
    const skyline = new Skyline(problem);
    const starts: Start[] = [];
    for (const order of orders) {
      if (spent + skyline.comparisons > effort / 2 && starts.length > 0) break;
      const peak = skyline.fill(order, Number.POSITIVE_INFINITY, tiles);
      starts.push({ order, peak });
      if (offer({ offsets: skyline.offset.slice(), peak })) return best;
    }
    spent += skyline.comparisons;
    strategies.push(new SkylineClimb(skyline, tiles, best3(starts), random));
  }
  const placement = new Placement(problem);
  for (const fit of ['first', 'best'] as const) {
    const starts: Start[] = [];
    const before = placement.comparisons;
    for (const order of orders) {
      if (spent + placement.comparisons - before > effort / 2 && starts.length > 0) break;
      placement.clear();
      for (const buffer of order) placement.place(buffer, fit, Number.POSITIVE_INFINITY);
      const peak = placement.peak();
      starts.push({ order, peak });
      if (offer({ offsets: placement.offset.slice(), peak })) return best;
    }
    spent += placement.comparisons - before;
    strategies.push(new Squeeze(problem, placement, fit, best3(starts), random));
  }

  const turn = effort / 20;
  const worth = strategies.map(() => 1);
  while (spent < effort * patience(best.peak / problem.lowerBound)) {
    const chosen = worth.indexOf(Math.max(...worth));
    const strategy = strategies[chosen]!;
    const before = strategy.comparisons;
    const peak = best.peak;
    const found = strategy.improve(peak, Math.max(enough, problem.lowerBound), turn);
    spent += Math.max(strategy.comparisons - before, 1);
    if (found && offer(found)) break;
    // What did not help waits longer for its next turn.
    worth[chosen] = worth[chosen]! * (best.peak < peak ? 0.9 : strategy.persistence);
  }
  return best;
}

/** The share of the effort that is spent on a plan of this quality: the last tenths of a percent are not worth seconds. */
function patience(ratio: number): number {
  if (ratio <= 1.002) return 0.1;
  if (ratio <= 1.02) return 0.3;
  return ratio <= 1.05 ? 0.6 : 1;
}

function best3(starts: readonly Start[]): Start[] {
  return [...starts].sort((a, b) => a.peak - b.peak).slice(0, 3);
}

/** Marsaglia's xorshift32, in [0, 1): the search is the same every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
