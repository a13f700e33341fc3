// Template of an operator, the user's half. Goes to packages/core/src/graph/operators/smooth-step.ts.
import { MLGraphBuilder, type MLOperand, type MLOperatorOptions } from '@halyard/core';
import { floatTypes } from '../../packages/core/src/graph/data-types.js';
import { input, type OperatorDeclaration, output, sameAs } from '../../packages/core/src/graph/declaration.js';

/** Validation, shape inference and `opSupportLimits` all come from this. */
export const smoothStep: OperatorDeclaration = {
  name: 'smoothStep',
  inputs: [input('input', floatTypes)],
  outputs: output(sameAs('input')),
  attributes: { low: 'number', high: 'number' },
  // Checks what depends on more than one thing, then gives data types and shapes of the results.
  infer: (call) => {
    const { low, high } = call.attributes as { low: number; high: number };
    if (!(low < high)) call.reject(`low ${low} and high ${high}`, 'low less than high', 'Swap or correct the bounds.');
    return [call.input('input')];
  },
};

export interface MLSmoothStepOptions extends MLOperatorOptions {
  /** Up to here the result is 0. Default 0. */
  readonly low?: number;
  /** From here on the result is 1. Default 1. */
  readonly high?: number;
}

/** In core, a family extends the one before it; the last is `MLGraphBuilder`. */
export class SmoothStepBuilder extends MLGraphBuilder {
  /** t²·(3 − 2t) with t = (x − low)/(high − low) kept within 0 and 1: float32 or float16, of any shape. */
  smoothStep(input: MLOperand, options: MLSmoothStepOptions = {}): MLOperand {
    const { low = 0, high = 1 } = options;
    return this.operator(smoothStep, [input], { low, high }, options);
  }
}
