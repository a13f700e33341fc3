import type { MemoryProblem } from './problem.js';

/**
 * Fills the arena from the bottom, over time as a skyline: the lowest valley takes the buffer of the highest rank
 * that lives within it, and is filled up to its lower neighbour where there is none (Burke, Kendall and Whitwell's
 * best-fit heuristic for strip packing, with fixed places along one axis). Good where hardly any waste is allowed.
 */
export class Skyline {
  readonly offset: Float64Array;
  comparisons = 0;
  /** Bytes × steps that the last attempt had not placed when it came to exceed its limit. */
  left = 0;

  readonly #problem: MemoryProblem;
  readonly #steps: number;
  readonly #area: number;
  /** Bytes at each step that are still to be placed. */
  readonly #ahead: Float64Array;
  readonly #live: Float64Array;
  /** Segments of equal height: a list through `next` and `previous`, each named by its first step. */
  readonly #height: Float64Array;
  readonly #until: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #head = 0;
  /** Place in the order, or -1 once placed. */
  readonly #rank: Int32Array;
  /** Buffers by first step; those of a step start at `#begin[step]`. */
  readonly #byFirst: Int32Array;
  readonly #begin: Int32Array;
  readonly #reach: Int32Array;
  readonly #before: Int32Array;

  constructor(problem: MemoryProblem) {
    this.#problem = problem;
    this.#steps = problem.last.reduce((most, step) => Math.max(most, step + 1), 1);
    this.offset = new Float64Array(problem.count);
    this.#rank = new Int32Array(problem.count);
    this.#reach = new Int32Array(this.#steps + 1);
    this.#before = new Int32Array(this.#steps + 2);
    this.#begin = new Int32Array(this.#steps + 1);
    this.#byFirst = Int32Array.from(problem.first.keys()).sort(
      (a, b) => problem.first[a]! - problem.first[b]! || a - b,
    );
    for (const step of problem.first) this.#begin[step + 1]!++;
    for (let step = 0; step < this.#steps; step++) this.#begin[step + 1]! += this.#begin[step]!;
    this.#ahead = new Float64Array(this.#steps);
    this.#live = new Float64Array(this.#steps);
    for (let buffer = 0; buffer < problem.count; buffer++) {
      for (let step = problem.first[buffer]!; step <= problem.last[buffer]!; step++) {
        this.#live[step]! += problem.size[buffer]!;
      }
    }
    this.#area = this.#live.reduce((sum, bytes) => sum + bytes, 0);
    this.#height = new Float64Array(this.#steps);
    this.#until = new Int32Array(this.#steps);
    this.#next = new Int32Array(this.#steps);
    this.#previous = new Int32Array(this.#steps);
  }

  /**
   * Places all buffers, those that come first in `order` preferred. Answers the peak, or Infinity once it is sure to
   * exceed `limit`.
   */
  fill(order: Int32Array, limit: number, tiles: boolean): number {
    const { first, last, size, alignment } = this.#problem;
    let count = order.length;
    this.#ahead.set(this.#live);
    this.#head = 0;
    this.#height[0] = 0;
    this.#until[0] = this.#steps - 1;
    this.#next[0] = -1;
    this.#previous[0] = -1;
    let peak = 0;
    this.left = this.#area;
    for (let index = 0; index < count; index++) this.#rank[order[index]!] = index;
    while (count > 0) {
      const segment = this.#lowest();
      const until = this.#until[segment]!;
      const height = this.#height[segment]!;
      const buffer = tiles ? this.#tile(segment, until) : this.#foremost(segment, until);
      if (buffer < 0) {
        if (!this.#raise(segment, limit)) return Number.POSITIVE_INFINITY;
        continue;
      }
      this.#rank[buffer] = -1;
      count--;
      this.left -= size[buffer]! * (last[buffer]! - first[buffer]! + 1);
      const unit = alignment[buffer]!;
      const offset = unit === 0 ? height : Math.ceil(height / unit) * unit;
      const top = offset + size[buffer]!;
      this.offset[buffer] = offset;
      if (top > peak) peak = top;
      for (let step = first[buffer]!; step <= last[buffer]!; step++) this.#ahead[step]! -= size[buffer]!;
      this.#settle(segment, first[buffer]!, last[buffer]!, top);
      if (peak > limit || (offset !== height && !this.#fits(first[buffer]!, last[buffer]!, top, limit))) {
        return Number.POSITIVE_INFINITY;
      }
    }
    return peak;
  }

  #foremost(segment: number, until: number): number {
    const { last } = this.#problem;
    const end = this.#begin[until + 1]!;
    let rank = Number.POSITIVE_INFINITY;
    let foremost = -1;
    for (let index = this.#begin[segment]!; index < end; index++) {
      const buffer = this.#byFirst[index]!;
      const other = this.#rank[buffer]!;
      if (other < 0 || other >= rank || last[buffer]! > until) continue;
      rank = other;
      foremost = buffer;
    }
    this.comparisons += end - this.#begin[segment]!;
    return foremost;
  }

  /**
   * Of those that can cover the most of the valley, side by side with others, the foremost; before them those that end
   * level with what is beside the valley, since few and wide valleys are easier to fill.
   */
  #tile(segment: number, until: number): number {
    const { last, size } = this.#problem;
    const reach = this.#reach;
    const start = this.#begin[segment]!;
    // reach[t]: the most of the steps from t on that can be covered.
    reach[until + 1] = 0;
    for (let step = until; step >= segment; step--) {
      let most = reach[step + 1]!;
      for (let index = this.#begin[step]!; index < this.#begin[step + 1]!; index++) {
        const buffer = this.#byFirst[index]!;
        if (this.#rank[buffer]! < 0 || last[buffer]! > until) continue;
        const covered = last[buffer]! + 1 - step + reach[last[buffer]! + 1]!;
        if (covered > most) most = covered;
      }
      reach[step] = most;
    }
    const most = reach[segment]!;
    this.comparisons += 2 * (this.#begin[until + 1]! - start) + (until - segment);
    if (most === 0) return -1;
    const before = this.#before;
    before.fill(0, segment, until + 2);
    const height = this.#height[segment]!;
    const previous = this.#previous[segment]!;
    const next = this.#next[segment]!;
    const left = previous < 0 ? -1 : this.#height[previous]!;
    const right = next < 0 ? -1 : this.#height[next]!;
    let rank = Number.POSITIVE_INFINITY;
    let foremost = -1;
    for (let step = segment; step <= until; step++) {
      if (step > segment && before[step - 1]! > before[step]!) before[step] = before[step - 1]!;
      for (let index = this.#begin[step]!; index < this.#begin[step + 1]!; index++) {
        const buffer = this.#byFirst[index]!;
        const other = this.#rank[buffer]!;
        if (other < 0 || last[buffer]! > until) continue;
        const covered = before[step]! + last[buffer]! + 1 - step;
        if (covered > before[last[buffer]! + 1]!) before[last[buffer]! + 1] = covered;
        if (covered + reach[last[buffer]! + 1]! !== most) continue;
        const top = height + size[buffer]!;
        const isLevel = (step === segment && top === left) || (last[buffer] === until && top === right);
        const preference = isLevel ? other - this.#rank.length : other;
        if (preference < rank) {
          rank = preference;
          foremost = buffer;
        }
      }
    }
    return foremost;
  }

  #fits(from: number, until: number, height: number, limit: number): boolean {
    for (let step = from; step <= until; step++) if (height + this.#ahead[step]! > limit) return false;
    return true;
  }

  #lowest(): number {
    let lowest = this.#head;
    for (let segment = this.#head; segment >= 0; segment = this.#next[segment]!) {
      if (this.#height[segment]! < this.#height[lowest]!) lowest = segment;
      this.comparisons++;
    }
    return lowest;
  }

  /** Gives up the room between a valley and its lower neighbour. */
  #raise(segment: number, limit: number): boolean {
    const previous = this.#previous[segment]!;
    const next = this.#next[segment]!;
    const left = previous < 0 ? Number.POSITIVE_INFINITY : this.#height[previous]!;
    const right = next < 0 ? Number.POSITIVE_INFINITY : this.#height[next]!;
    const height = Math.min(left, right);
    if (!this.#fits(segment, this.#until[segment]!, height, limit)) return false;
    this.#height[segment] = height;
    if (right === height) this.#mergeNext(segment);
    if (left === height) this.#mergeNext(previous);
    return true;
  }

  #mergeNext(segment: number): void {
    const gone = this.#next[segment]!;
    this.#until[segment] = this.#until[gone]!;
    const next = this.#next[gone]!;
    this.#next[segment] = next;
    if (next >= 0) this.#previous[next] = segment;
  }

  /** Raises the steps `from`…`until` of a segment to `top`. */
  #settle(segment: number, from: number, until: number, top: number): void {
    const end = this.#until[segment]!;
    if (until < end) this.#split(segment, until + 1);
    let raised = segment;
    if (from > segment) {
      this.#split(segment, from);
      raised = from;
    }
    this.#height[raised] = top;
    const next = this.#next[raised]!;
    if (next >= 0 && this.#height[next] === top) this.#mergeNext(raised);
    const previous = this.#previous[raised]!;
    if (previous >= 0 && this.#height[previous] === top) this.#mergeNext(previous);
  }

  #split(segment: number, at: number): void {
    const next = this.#next[segment]!;
    this.#height[at] = this.#height[segment]!;
    this.#until[at] = this.#until[segment]!;
    this.#until[segment] = at - 1;
    this.#next[at] = next;
    this.#previous[at] = segment;
    this.#next[segment] = at;
    if (next >= 0) this.#previous[next] = at;
  }
}
