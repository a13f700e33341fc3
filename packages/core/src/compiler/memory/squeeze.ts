import type { Fit, Placement } from './placement.js';
import type { MemoryProblem } from './problem.js';
import type { Solution, Start, Strategy } from './strategy.js';

/** How far the limit stands between the goal (0) and the best peak (1), in turns. */
const limits = [1, 0.5, 0.85, 0];

/**
 * Squeaky-wheel search (Joslin and Clements, JAIR 1999). Buffers are placed in order under a limit below the best peak;
 * one that finds no room is moved to an earlier place in the order, before one of those that were in its way, and
 * placing goes on from there.
 */
export class Squeeze implements Strategy {
  readonly persistence = 0.5;
  comparisons = 0;

  readonly #problem: MemoryProblem;
  readonly #placement: Placement;
  readonly #fit: Fit;
  readonly #starts: Start[];
  readonly #position: Int32Array;
  readonly #random: () => number;
  #turn = 0;

  constructor(problem: MemoryProblem, placement: Placement, fit: Fit, starts: readonly Start[], random: () => number) {
    this.#problem = problem;
    this.#placement = placement;
    this.#fit = fit;
    this.#starts = [...starts];
    this.#position = new Int32Array(problem.count);
    this.#random = random;
  }

  improve(best: number, goal: number, effort: number): Solution | undefined {
    const before = this.#placement.comparisons;
    const until = before + effort;
    let found: Solution | undefined;
    while (this.#placement.comparisons < until) {
      const turn = this.#turn++;
      const start = this.#starts[turn % this.#starts.length]!;
      const peak = found?.peak ?? best;
      const limit = Math.max(
        goal,
        Math.min(peak - 1, Math.floor(goal + (peak - goal) * limits[turn % limits.length]!)),
      );
      const order = this.#squeeze(start.order, limit, Math.min(until, this.#placement.comparisons + effort / 2));
      if (!order) continue;
      found = { offsets: this.#placement.offset.slice(), peak: this.#placement.peak() };
      this.#starts.unshift({ order, peak: found.peak });
      this.#starts.length = Math.min(this.#starts.length, 4);
      if (found.peak <= goal) break;
    }
    this.comparisons += this.#placement.comparisons - before;
    return found;
  }

  /** Rearranges the order until all fits under the limit: the order that does, or undefined when the effort is spent. */
  #squeeze(start: Int32Array, limit: number, until: number): Int32Array | undefined {
    const placement = this.#placement;
    const position = this.#position;
    const order = start.slice();
    for (let index = 0; index < order.length; index++) position[order[index]!] = index;
    placement.clear();
    let next = 0;
    while (placement.comparisons < until) {
      while (next < order.length && placement.place(order[next]!, this.#fit, limit)) next++;
      if (next === order.length) return order;
      const squeaky = order[next]!;
      const target = this.#inTheWay(order, next);
      if (target < 0) return undefined;
      placement.comparisons += next - target;
      order.copyWithin(target + 1, target, next);
      order[target] = squeaky;
      for (let index = target; index <= next; index++) position[order[index]!] = index;
      placement.keep((buffer) => position[buffer]! < target);
      next = target;
    }
    return undefined;
  }

  /** The place of a buffer that is alive together with the one at `next`; rather late ones: less is placed anew. */
  #inTheWay(order: Int32Array, next: number): number {
    const { first, last } = this.#problem;
    const squeaky = order[next]!;
    let target = -1;
    for (let index = next - 1; index >= 0; index--) {
      const other = order[index]!;
      if (first[other]! > last[squeaky]! || last[other]! < first[squeaky]!) continue;
      target = index;
      if (this.#random() < 0.15) break;
    }
    return target;
  }
}
