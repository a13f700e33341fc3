import type { Operand, Step } from '../../contract/index.js';
import { createColumn } from '../column.js';
import { convertValue } from '../convert.js';
import { elementReader, elementWriter } from '../elements.js';
import { badProgram } from '../failures.js';
import type { Memory } from '../memory.js';
import { loadOperand, readView, sliceElements } from '../operand.js';
import { binary, type Scalar } from '../scalar.js';
import { walk } from '../view-walk.js';
import { addressingOf } from './gather.js';

/**
 * Writes updates where indices say, in row-major order of the updates: of two that replace the same element, the later
 * one stays, where the contract allows either. Sums over floats are rounded at each store.
 */
export function* scatter(memory: Memory, step: Step<'scatter'>): Generator<void> {
  const [indexOperand, updateOperand] = step.inputs as readonly Operand[];
  const target = step.outputs[0]!;
  if (step.epilogue || target.rows) {
    throw badProgram('a scatter with an epilogue or rows', 'a scatter whose updates are what is written');
  }
  const indices = yield* loadOperand(memory, indexOperand!);
  const updates = yield* loadOperand(memory, updateOperand!);
  const { form, axis, combine, outOfRange } = step.attributes;
  const addressing = addressingOf(form, axis, target.shape, indices);
  const tensor = memory.tensors[target.tensor]!;
  const { type } = readView(memory, target, 0, 0);
  const bytes = memory.bytes(target.tensor);
  const read = elementReader(tensor, bytes);
  const write = elementWriter(tensor, bytes);
  const operate = combine === 'replace' ? undefined : (binary(combine, type) as (x: Scalar, y: Scalar) => Scalar);
  const one = createColumn(type, 1);
  for (let at = 0, handled = 0; at < addressing.count; at++) {
    const start = addressing.locate(at, outOfRange === 'clamp');
    if (start < 0) continue;
    walk(target, start, addressing.run, (element, stride, length, before) => {
      for (let i = 0; i < length; i++) {
        const position = element + i * stride;
        const update = convertValue(updates.values[at * addressing.run + before + i]!, updates.type, type);
        read(position, 1, 1, one, 0);
        one[0] = operate ? convertValue(operate(one[0]!, update), type, type) : update;
        write(one, 0, position, 1, 1);
      }
    });
    handled += addressing.run + 64;
    if (handled > sliceElements) {
      handled = 0;
      yield;
    }
  }
}
