/** One buffer: its bytes are in use from step `first` to step `last`, both included. Computing in place is one merged lifetime. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** Bytes, a power of two; 64 unless said. */
  readonly alignment?: number;
}

export interface MemoryPlan {
  /** Bytes from the start of the arena, one for each lifetime. */
  readonly offsets: readonly number[];
  readonly peakBytes: number;
  /** The most bytes ever in use at one step, sizes rounded up to their alignment; no plan goes below. */
  readonly lowerBoundBytes: number;
}

export interface MemoryPlanOptions {
  /** Stop at the first plan that fits. */
  readonly capacity?: number;
  /** Otherwise at the best plan after this many steps of search. */
  readonly effort?: number;
}
