import type { Skyline } from './skyline.js';
import type { Solution, Start, Strategy } from './strategy.js';

interface Incumbent {
  order: Int32Array;
  peak: number;
  /** Bytes × steps that it leaves unplaced under the limit aimed at. */
  left: number;
}

/**
 * Hill climbing under a limit below the best peak: a few buffers change places in the order by which the skyline
 * prefers them, and what gets at least as far before it fails stays.
 */
export class SkylineClimb implements Strategy {
  readonly persistence: number;
  readonly #skyline: Skyline;
  readonly #tiles: boolean;
  readonly #incumbents: Incumbent[];
  readonly #random: () => number;
  #turn = 0;

  constructor(skyline: Skyline, tiles: boolean, starts: readonly Start[], random: () => number) {
    this.#skyline = skyline;
    this.#tiles = tiles;
    this.persistence = tiles ? 0.75 : 0.5;
    this.#incumbents = starts.map(({ order, peak }) => ({
      order: order.slice(),
      peak,
      left: Number.POSITIVE_INFINITY,
    }));
    this.#random = random;
  }

  get comparisons(): number {
    return this.#skyline.comparisons;
  }

  improve(best: number, goal: number, effort: number): Solution | undefined {
    const skyline = this.#skyline;
    const until = skyline.comparisons + effort;
    const incumbent = this.#incumbents[this.#turn++ % this.#incumbents.length]!;
    const candidate = incumbent.order.slice();
    let found: Solution | undefined;
    while (skyline.comparisons < until && incumbent.peak > goal) {
      candidate.set(incumbent.order);
      for (let swaps = 1 + Math.floor(this.#random() * 3); swaps > 0; swaps--) this.#swap(candidate);
      const limit = Math.min(incumbent.peak - 1, Math.floor(goal + (incumbent.peak - goal) * 0.7));
      const peak = skyline.fill(candidate, limit, this.#tiles);
      if (peak <= limit) {
        incumbent.peak = peak;
        incumbent.left = Number.POSITIVE_INFINITY;
        if (peak < (found?.peak ?? best)) found = { offsets: skyline.offset.slice(), peak };
      } else if (skyline.left > incumbent.left) continue;
      else incumbent.left = skyline.left;
      incumbent.order.set(candidate);
    }
    return found;
  }

  #swap(order: Int32Array): void {
    const one = Math.floor(this.#random() * order.length);
    const other = Math.floor(this.#random() * order.length);
    const moved = order[one]!;
    order[one] = order[other]!;
    order[other] = moved;
  }
}
