import type { Adapter } from './adapter.js';
import type { Device } from './device.js';
import type { Tensor } from './program.js';
import type { Step } from './step.js';
import type { Version } from './version.js';

/** What a backend package exports as `default`. */
export interface BackendPlugin {
  /** `cuda`; the package is then `@halyard/backend-cuda`. */
  readonly name: string;
  /** The contract it was built against; core sends it nothing newer. */
  readonly contract: Version;
  /** Never throws and never harms the process: vendor code is first touched in a child process. */
  probe(options: ProbeOptions): Promise<ProbeReport>;
  /**
   * Pure, and answers for hardware that is not here, too. A part that is refused is taken off; what is left is
   * decomposed or placed elsewhere.
   */
  supports(adapter: Adapter, step: Step, tensors: readonly Tensor[]): Support;
  /**
   * From here on the vendor's code is called in this process. What it reports becomes a typed error; a crash inside it
   * ends the process.
   */
  open(adapter: Adapter, options?: Readonly<Record<string, unknown>>): Promise<Device>;
}

export interface ProbeOptions {
  readonly timeoutMs: number;
}

export interface ProbeReport {
  readonly adapters: readonly Adapter[];
  readonly refusals: readonly Refusal[];
}

/** Why something cannot be used, in words that end in an action. */
export interface Refusal {
  readonly code: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

export type Support = true | { readonly part: 'step' | 'prologue' | 'epilogue'; readonly reason: string };
