/** What the compiler did and why: plain data, for people and for tests. */
export interface Explanation {
  /** Operators of the graph as built. */
  readonly operators: number;
  /** Steps without and with fusion. */
  readonly stepsBeforeFusion: number;
  readonly stepsAfterFusion: number;
  /** Bytes that the steps read and write, without and with fusion. */
  readonly bytesMovedBeforeFusion: number;
  readonly bytesMovedAfterFusion: number;
  readonly memory: {
    /** Every temporary in memory of its own. */
    readonly naiveBytes: number;
    readonly plannedBytes: number;
    /** The most bytes ever live at once; no plan goes below. */
    readonly lowerBoundBytes: number;
  };
  readonly steps: readonly StepExplanation[];
  /** What no device could take as it was, and what was done instead. */
  readonly decisions: readonly { readonly step: string; readonly decision: string; readonly reason: string }[];
}

export interface StepExplanation {
  readonly program: number;
  readonly step: number;
  readonly kind: string;
  /** Labels of the operators it came from. */
  readonly origin: readonly string[];
  /** For people: `float32[1,576] → float32[1,1536]`. */
  readonly shapes: string;
  /** Filled in once the device has compiled it. */
  readonly kernel?: string;
  readonly reason?: string;
}
