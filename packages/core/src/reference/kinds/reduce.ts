import type { DataType, Step } from '../../contract/index.js';
import {
  type Column,
  type Dense,
  elementCount,
  type IntegerType,
  integerRanges,
  isBig,
  isFloat,
  numbers,
} from '../column.js';
import { convertValue, widen } from '../convert.js';
import type { Memory } from '../memory.js';
import { group, lastAxes, loadOperand, permuteOperand, sliceElements } from '../operand.js';
import { binary, type Scalar } from '../scalar.js';
import { createDense } from '../store.js';

type Attributes = Step<'reduce'>['attributes'];

/** One value of each group of elements along `axes`. */
export function* reduce(memory: Memory, step: Step<'reduce'>): Generator<void, Dense[]> {
  const operand = step.inputs[0]!;
  const { axes } = step.attributes;
  const order = lastAxes(operand.shape.length, axes);
  const x = yield* loadOperand(memory, permuteOperand(operand, order));
  const shape = operand.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const stored = memory.tensors[step.outputs[0]!.tensor]!.type;
  const result = createDense(resultType(step.attributes, stored === 'int64' ? 'int64' : 'int32'), shape);
  const size = elementCount(axes.map((axis) => operand.shape[axis]!));
  yield* reduceGroups(x, size, step.attributes, result);
  return [result];
}

const resultType = ({ combine, accumulate }: Attributes, indexType: DataType): DataType =>
  combine === 'argMin' || combine === 'argMax' ? indexType : accumulate;

function* reduceGroups(x: Dense, size: number, attributes: Attributes, result: Dense): Generator<void> {
  const { combine, accumulate } = attributes;
  const values = combine.startsWith('arg') ? x.values : widen(x.values, x.type, accumulate);
  let handled = 0;
  for (let index = 0; index < result.values.length; index++) {
    const members = group(values, index, size);
    if (combine === 'argMin' || combine === 'argMax') {
      result.values[index] = convertValue(extreme(members, combine === 'argMax'), 'int32', result.type);
    } else if (combine === 'logSumExp') {
      result.values[index] = logSumExp(numbers(members));
    } else {
      result.values[index] = fold(members, combine, accumulate);
    }
    handled += size + 1;
    if (handled > sliceElements) {
      handled = 0;
      yield;
    }
  }
}

const operators = { sum: 'add', product: 'mul', min: 'min', max: 'max' } as const;

/** What a reduction or scan over nothing gives. */
export function identity(combine: keyof typeof operators, type: DataType): Scalar {
  if (combine === 'sum') return isBig(type) ? 0n : 0;
  if (combine === 'product') return isBig(type) ? 1n : 1;
  if (isFloat(type)) return combine === 'min' ? Infinity : -Infinity;
  return integerRanges[type as IntegerType][combine === 'min' ? 1 : 0];
}

/** The running combination of values of a type. */
export const combiner = (combine: keyof typeof operators, type: DataType) =>
  binary(operators[combine], type) as (x: Scalar, y: Scalar) => Scalar;

function fold(members: Column, combine: keyof typeof operators, type: DataType): Scalar {
  const operate = combiner(combine, type);
  let running = identity(combine, type);
  for (let i = 0; i < members.length; i++) running = operate(running, members[i]!);
  return running;
}

/** The first index of the least or greatest; the first NaN if there is one. */
function extreme(members: Column, wantsGreatest: boolean): number {
  let best = 0;
  for (let i = 0; i < members.length; i++) {
    const value = members[i]!;
    if (Number.isNaN(value)) return i;
    if (wantsGreatest ? value > members[best]! : value < members[best]!) best = i;
  }
  return best;
}

/** log Σ exp, shifted by the greatest. */
export function logSumExp(members: Float64Array): number {
  let greatest = -Infinity;
  for (const value of members) greatest = Math.max(greatest, value);
  if (Math.abs(greatest) === Infinity || Number.isNaN(greatest)) return greatest;
  let sum = 0;
  for (const value of members) sum += Math.exp(value - greatest);
  return greatest + Math.log(sum);
}
