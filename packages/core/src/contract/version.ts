/** Grows by addition: within one major, any two minors work together. */
export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** The contract that this `@halyard/core` speaks. A plugin states the one it was built against. */
export const contractVersion: Version = { major: 1, minor: 0 };
