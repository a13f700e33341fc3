import type { Step } from '../../contract/index.js';
import { type Dense, part } from '../column.js';
import type { Memory } from '../memory.js';
import { lastAxes, loadOperand, permuteOperand, sliceElements, unpermute } from '../operand.js';
import { createDense } from '../store.js';
import { combiner, identity } from './reduce.js';

/** The running combination along an axis, of the type that is read. */
export function* scan(memory: Memory, step: Step<'scan'>): Generator<void, Dense[]> {
  const operand = step.inputs[0]!;
  const { combine, axis, exclusive, reversed } = step.attributes;
  const order = lastAxes(operand.shape.length, [axis]);
  const x = yield* loadOperand(memory, permuteOperand(operand, order));
  const size = operand.shape[axis]!;
  const result = createDense(x.type, x.shape);
  const operate = combiner(combine, x.type);
  for (let start = 0, handled = 0; start < x.values.length; start += size) {
    const members = part(x.values, start, size);
    const to = part(result.values, start, size);
    let running = identity(combine, x.type);
    for (let step = 0; step < size; step++) {
      const i = reversed ? size - 1 - step : step;
      const next = operate(running, members[i]!);
      to[i] = exclusive ? running : next;
      running = next;
    }
    handled += size;
    if (handled > sliceElements) {
      handled = 0;
      yield;
    }
  }
  return [unpermute(result, order)];
}
