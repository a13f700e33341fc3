import type { Step } from '../../contract/index.js';
import { asNumbers, type Dense, elementCount, part } from '../column.js';
import type { Memory } from '../memory.js';
import { lastAxes, loadOperand, permuteOperand, sliceElements, unpermute } from '../operand.js';
import { createDense } from '../store.js';
import { logSumExp } from './reduce.js';

type Attributes = Step<'normalize'>['attributes'];

/** Softmax, layer and RMS normalization over groups of elements along `axes`. */
export function* normalize(memory: Memory, step: Step<'normalize'>): Generator<void, Dense[]> {
  const operand = step.inputs[0]!;
  const order = lastAxes(operand.shape.length, step.attributes.axes);
  const permuted = permuteOperand(operand, order);
  const x = yield* loadOperand(memory, permuted);
  const values = asNumbers(x.values);
  const result = createDense('float32', permuted.shape);
  const size = elementCount(step.attributes.axes.map((axis) => operand.shape[axis]!));
  for (let start = 0, handled = 0; start < values.length; start += size) {
    const members = part(values, start, size) as Float64Array;
    normalizeGroup(members, step.attributes, part(result.values, start, size) as Float64Array);
    handled += size;
    if (handled > sliceElements) {
      handled = 0;
      yield;
    }
  }
  return [unpermute(result, order)];
}

/** One group, in double. */
export function normalizeGroup(members: Float64Array, { form, epsilon }: Attributes, to: Float64Array): void {
  const count = members.length;
  if (form === 'logSoftmax') {
    const total = logSumExp(members);
    for (let i = 0; i < count; i++) to[i] = members[i]! - total;
    return;
  }
  if (form === 'softmax') {
    let greatest = -Infinity;
    for (const value of members) greatest = Math.max(greatest, value);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += to[i] = Math.exp(members[i]! - greatest);
    for (let i = 0; i < count; i++) to[i]! /= sum;
    return;
  }
  let mean = 0;
  if (form === 'layer') {
    for (const value of members) mean += value;
    mean /= count;
  }
  let squares = 0;
  for (const value of members) squares += (value - mean) ** 2;
  const scale = Math.sqrt(squares / count + epsilon);
  for (let i = 0; i < count; i++) to[i] = (members[i]! - mean) / scale;
}
