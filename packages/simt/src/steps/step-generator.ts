import type { Configuration, KernelChoice, Packed, Step, StepKind, Support, Tensor } from '@halyard/core';
import type { Extents } from '../kernel/kernel.js';
import type { KernelText } from '../kernel/kernel-writer.js';
import type { Target } from '../target/target.js';

/** What a step is generated from. */
export interface StepScene {
  readonly target: Target;
  readonly tensors: readonly Tensor[];
  /** The step's entry of the tuning table; what it does not say the generator chooses. */
  readonly tuning: Configuration;
}

/** One launch of a step's kernel. Arguments of kind `scratch` and `packed` count from the step's own first. */
export interface StepLaunch {
  readonly kernel: KernelText;
  readonly grid: Extents;
  readonly block: Extents;
  readonly dynamicSharedBytes?: number;
}

/** A step as launches, each of which waits for the one before. */
export interface StepKernels {
  readonly launches: readonly StepLaunch[];
  readonly scratchBytes?: number;
  readonly packed?: readonly Packed[];
  readonly choice: Omit<KernelChoice, 'step'>;
}

/** All that is particular to a kind of step. */
export interface StepGenerator<Kind extends StepKind> {
  /** Beyond what every step must obey: its types and expressions. */
  supports?(target: Target, step: Step<Kind>, tensors: readonly Tensor[]): Support;
  generate(scene: StepScene, step: Step<Kind>): StepKernels;
}
