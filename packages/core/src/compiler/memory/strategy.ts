/** Where every buffer goes, and how far the arena reaches. */
export interface Solution {
  readonly offsets: Float64Array;
  readonly peak: number;
}

/** An order of the buffers and what came of it. */
export interface Start {
  readonly order: Int32Array;
  readonly peak: number;
}

/** One way to search on. All of them share the best solution so far. */
export interface Strategy {
  /** Comparisons spent since it was made. */
  readonly comparisons: number;
  /** How much its turn is worth after one that gave nothing, of what it was worth before. */
  readonly persistence: number;
  /** Tries for about `effort` comparisons to get below what it has; gives a solution whenever it has found one. */
  improve(best: number, goal: number, effort: number): Solution | undefined;
}
