import type { Step } from '../../contract/index.js';
import { type Column, type Dense, part } from '../column.js';
import { convertValue } from '../convert.js';
import type { Memory } from '../memory.js';
import { lastAxes, loadOperand, permuteOperand, sliceElements, unpermute } from '../operand.js';
import type { Scalar } from '../scalar.js';
import { createDense } from '../store.js';

/** The first `count` along an axis in order. */
export function* sort(memory: Memory, step: Step<'sort'>): Generator<void, Dense[]> {
  const operand = step.inputs[0]!;
  const { axis, descending, count } = step.attributes;
  const order = lastAxes(operand.shape.length, [axis]);
  const x = yield* loadOperand(memory, permuteOperand(operand, order));
  const size = operand.shape[axis]!;
  const shape = x.shape.with(-1, count);
  const second = step.outputs[1];
  const isWide = second !== undefined && memory.tensors[second.tensor]!.type === 'int64';
  const values = createDense(x.type, shape);
  const indices = createDense(isWide ? 'int64' : 'int32', shape);
  const groups = size === 0 ? 0 : x.values.length / size;
  for (let index = 0; index < groups; index++) {
    const members = part(x.values, index * size, size);
    const places = yield* sortedIndices(members, descending);
    for (let i = 0; i < count; i++) {
      values.values[index * count + i] = members[places[i]!]!;
      indices.values[index * count + i] = convertValue(places[i]!, 'int32', indices.type);
    }
    yield;
  }
  const results: Dense[] = [unpermute(values, order)];
  if (second || step.epilogue) results.push(unpermute(indices, order));
  return results;
}

/** Whether `y` comes strictly before `x`. NaN is the largest. */
function precedes(y: Scalar, x: Scalar, descending: boolean): boolean {
  const [low, high] = descending ? [x, y] : [y, x];
  if (Number.isNaN(low)) return false;
  return Number.isNaN(high) || low < high;
}

/** A bottom-up merge sort of the indices, which is stable and can pause. */
function* sortedIndices(members: Column, descending: boolean): Generator<void, Uint32Array> {
  let from = Uint32Array.from({ length: members.length }, (_, index) => index);
  let to = new Uint32Array(members.length);
  let handled = 0;
  for (let width = 1; width < members.length; width *= 2) {
    for (let start = 0; start < members.length; start += 2 * width) {
      const middle = Math.min(start + width, members.length);
      const end = Math.min(start + 2 * width, members.length);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takesRight =
          left >= middle || (right < end && precedes(members[from[right]!]!, members[from[left]!]!, descending));
        to[at] = from[takesRight ? right++ : left++]!;
        if (++handled % sliceElements === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
