import type { MLContext, MLContextOptions, PrecisionPolicy } from '@halyard/core';
import type { PullOptions } from '../sources/pull.js';
import type { PullProgress } from '../sources/recipe.js';

/** Where a model runs, and where it comes from. */
export interface LoadOptions
  extends Omit<PullOptions, 'onProgress'>,
    Pick<MLContextOptions, 'device' | 'backends' | 'memoryBudget' | 'fusion'> {
  /** Of one's own; it stays open when the model is closed. What a context is created with is then its own matter. */
  readonly context?: MLContext;
  /** Of the CPU backend; all cores if left out. */
  readonly threads?: number;
  readonly precision?: Partial<PrecisionPolicy>;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** What loading tells while it works: what pulling does, then that the file is read, then that graphs are compiled. */
export type LoadProgress = PullProgress | { readonly phase: 'read' | 'compile'; readonly file: string };
