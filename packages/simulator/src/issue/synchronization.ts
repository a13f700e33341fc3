import type { WarpState } from './warp-state.js';

/** Warps that went on, and when. */
export interface Released {
  readonly warps: readonly WarpState[];
  readonly time: number;
}

/** The barriers of a block, by number. */
export class Barriers {
  readonly #pending = new Map<number, { arrived: number; threads: number; readonly waiting: WarpState[] }>();

  /** @param detail its number, and 256 × the threads it is for (0: all) */
  arrive(detail: number, warp: WarpState | undefined): number {
    const number = detail & 255;
    const barrier = this.#pending.get(number) ?? { arrived: 0, threads: detail >>> 8, waiting: [] };
    this.#pending.set(number, barrier);
    barrier.arrived++;
    if (warp) barrier.waiting.push(warp);
    return number;
  }

  get numbers(): number[] {
    return [...this.#pending.keys()];
  }

  /** Who waited at a barrier at which all have come; `warps` are those of the block that have not ended. */
  release(number: number, warps: number): readonly WarpState[] {
    const barrier = this.#pending.get(number)!;
    if (barrier.arrived < (barrier.threads > 0 ? barrier.threads / 32 : warps)) return [];
    this.#pending.delete(number);
    return barrier.waiting;
  }
}

/** The phases of a block's mbarriers: each is over when all that the trace has for it has come. */
export class Phases {
  readonly #phases = new Map<number, { missing: number; time: number; waiting: WarpState[] }>();

  /** @param expected by phase, as `details` of the trace name it: arrivals and copies */
  constructor(expected: ReadonlyMap<number, number>) {
    for (const [phase, missing] of expected) this.#phases.set(phase, { missing, time: 0, waiting: [] });
  }

  /** Something comes at `time`; who waited for it goes on when the last has. */
  come(phase: number, time: number): Released {
    const known = this.#phases.get(phase)!;
    known.time = Math.max(known.time, time);
    known.missing--;
    if (known.missing > 0) return { warps: [], time };
    const warps = known.waiting;
    known.waiting = [];
    return { warps, time: known.time };
  }

  /** When a phase is over, if that is known already; else the warp is told by {@link come}. */
  wait(phase: number, warp: WarpState): number | undefined {
    const known = this.#phases.get(phase);
    // Nothing counts for the phase before the first, which is over from the start.
    if (!known) return 0;
    if (known.missing === 0) return known.time;
    known.waiting.push(warp);
    return undefined;
  }
}
