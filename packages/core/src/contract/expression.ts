import type { DataType } from './types.js';
import type { View } from './view.js';

/**
 * A straight line of scalar instructions at each element, and the only way in which fusion is said. Values are
 * numbered: first the results of the step (of a map: its inputs), then the elements of `inputs`, then what each
 * instruction gives. `results[i]` goes to `outputs[i]` of the step.
 *
 * Every view in `inputs` has the shape of the step's results (of an operand, for a prologue), with stride 0 where it is
 * broadcast. Floats may be kept wider than declared; stores and casts round.
 */
export interface Expression {
  readonly inputs: readonly View[];
  readonly body: readonly Instruction[];
  readonly results: readonly number[];
}

/**
 * `dataType` is that of the result; arguments are of one data type (that of the result, save for casts, comparisons,
 * tests and `select`, whose first argument is uint8).
 *
 * `value`: of a `constant` its value (a string for 64-bit integers, `Infinity`, `-Infinity`, `NaN`); of a
 * `coordinate` the axis whose index it gives.
 */
export interface Instruction {
  readonly op: ScalarOperator;
  readonly arguments: readonly number[];
  readonly dataType: DataType;
  readonly value?: number | string;
}

/**
 * Integers wrap; a float cast to an integer saturates and NaN becomes 0; `min` and `max` propagate NaN; comparisons,
 * tests and logic give uint8 0 or 1 and take anything but 0 as true. Integer division truncates; by zero it gives 0.
 * `gelu` is x/2·(1 + erf(x/√2)), `silu` x·sigmoid(x), `roundEven` ties to even. `random(seed, counter)` is the uint32
 * that Philox4x32-10 (Salmon et al., SC 2011) gives for key (seed, 0) at block counter/4, word counter mod 4; both
 * arguments are uint32.
 */
export type ScalarOperator =
  | 'constant'
  | 'coordinate'
  | 'random'
  | 'cast'
  | 'select'
  | BinaryScalarOperator
  | ComparisonOperator
  | UnaryScalarOperator;

export type BinaryScalarOperator = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'min' | 'max';

export type ComparisonOperator =
  | 'equal'
  | 'notEqual'
  | 'lesser'
  | 'lesserOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  | 'isNaN'
  | 'isInfinite';

export type UnaryScalarOperator =
  | 'abs'
  | 'neg'
  | 'sign'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'reciprocal'
  | 'erf'
  | 'tanh'
  | 'sigmoid'
  | 'gelu'
  | 'silu'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'floor'
  | 'ceil'
  | 'roundEven';
