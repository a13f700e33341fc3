import type { KernelChoice, KernelLaunch, Packed } from '@halyard/core';

/** A program as sources and launches. Plain data. */
export interface GeneratedProgram {
  readonly modules: readonly { readonly source: string }[];
  /** In an order that may be run as it stands. */
  readonly launches: readonly KernelLaunch[];
  /** Behind the program's own workspace. */
  readonly scratchBytes: number;
  readonly packed: readonly Packed[];
  readonly choices: readonly KernelChoice[];
}
