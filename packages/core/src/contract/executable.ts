import type { Span } from './memory.js';
import type { Configuration } from './tuning.js';

/** A program compiled for one device. */
export interface Executable {
  /** Scratch memory beyond the program's own workspace. Executables that run in order may share one. */
  readonly workspaceBytes: number;
  /** Constants wanted in a layout of the device's own; the others are bound as they are. */
  readonly packed: readonly Packed[];
  /**
   * Resolves names and addresses once; a run is then one native call without lookups.
   *
   * @param spans one for each binding of the program; `undefined` for a constant that occurs only in `packed`
   * @param packed one for each entry of `packed`
   * @param workspace the program's `workspaceBytes`, rounded up to the device's alignment, then `workspaceBytes` of this
   */
  bind(spans: readonly (Span | undefined)[], packed: readonly Span[], workspace: Span): Bound;
  explain(): readonly KernelChoice[];
  serialize?(): Uint8Array;
  /** Takes effect when nothing is in flight. */
  dispose(): void;
}

/** An executable with its addresses. In flight once at a time: runs of one bound follow each other. */
export interface Bound {
  rebind(binding: number, span: Span): void;
  dispose(): void;
}

/** A layout depends on the constants and the adapter alone, so that every program of a model shares it. */
export interface Packed {
  /** Indices of the program's bindings, each a constant. */
  readonly constants: readonly number[];
  readonly layout: string;
  readonly bytes: number;
}

/** Which kernel does a step, and why. */
export interface KernelChoice {
  readonly step: number;
  readonly kernel: string;
  readonly configuration: Configuration;
  readonly reason: string;
}
