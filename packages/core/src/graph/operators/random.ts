import { input, type OperatorDeclaration, output } from '../declaration.js';
import type { MLOperand } from '../operand.js';
import type { MLOperatorOptions } from '../operator-builder.js';
import { AttentionOperators } from './attention.js';

const randomUniform: OperatorDeclaration = {
  name: 'randomUniform',
  inputs: [input('seed', ['uint32'], [0, 0]), input('counter', ['uint32'], [0, 0])],
  outputs: output(['float32']),
  attributes: { shape: 'naturals' },
  infer: (call) => [{ dataType: 'float32', shape: call.naturals('shape') }],
};

export const randomOperators = [randomUniform] as const;

export interface MLRandomOptions extends MLOperatorOptions {
  /** Default a scalar. */
  readonly shape?: readonly number[];
}

/** Numbers that are random but repeatable. Beyond WebNN. */
export abstract class RandomOperators extends AttentionOperators {
  /**
   * float32 uniform in [0, 1), multiples of 2^-24. Element i, in row-major order, depends on seed and counter + i
   * alone (uint32 scalars; Philox4x32-10): advance the counter by the number of elements for fresh ones.
   */
  randomUniform(seed: MLOperand, counter: MLOperand, options: MLRandomOptions = {}): MLOperand {
    return this.operator(randomUniform, [seed, counter], { shape: options.shape ?? [] }, options);
  }
}
