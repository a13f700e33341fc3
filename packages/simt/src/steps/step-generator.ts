import type {
  Configuration,
  KernelArgument,
  KernelChoice,
  LaunchExtents,
  LibraryProduct,
  Packed,
  Step,
  StepKind,
  Support,
  Tensor,
} from '@halyard/core';
import type { KernelText } from '../kernel/kernel-writer.js';
import type { LibraryAnswer } from '../kernel/library-answer.js';
import type { Target } from '../target/target.js';

/** What a step is generated from. */
export interface StepScene {
  readonly target: Target;
  readonly tensors: readonly Tensor[];
  /** The step's entry of the tuning table; what it does not say the generator chooses. */
  readonly tuning: Configuration;
  /** What the vendor's library was found to make of the step; left out where nobody asked. */
  readonly library?: LibraryAnswer | undefined;
}

/** One launch of a step. Arguments of kind `scratch` and `packed` count from the step's own first. */
export type StepLaunch = KernelStepLaunch | ProductStepLaunch;

export interface KernelStepLaunch {
  readonly kernel: KernelText;
  readonly grid: LaunchExtents;
  readonly block: LaunchExtents;
  readonly dynamicSharedBytes?: number;
}

/** What the vendor's library does. */
export interface ProductStepLaunch {
  readonly product: LibraryProduct;
  readonly arguments: readonly KernelArgument[];
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
