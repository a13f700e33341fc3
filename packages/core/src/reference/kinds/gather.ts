import type { Operand, Step } from '../../contract/index.js';
import { type Dense, elementCount, part } from '../column.js';
import type { Memory } from '../memory.js';
import { loadOperand, readOperand, sliceElements } from '../operand.js';
import { createDense } from '../store.js';
import { denseStrides } from '../view-walk.js';

/** Elements that indices name. */
export function* gather(memory: Memory, step: Step<'gather'>): Generator<void, Dense[]> {
  const [from, indexOperand] = step.inputs as readonly Operand[];
  const indices = yield* loadOperand(memory, indexOperand!);
  const { form, axis } = step.attributes;
  const addressing = addressingOf(form, axis, from!.shape, indices);
  const { type } = readOperand(memory, from!, 0, 0);
  const result = createDense(type, addressing.shape);
  let handled = 0;
  for (let at = 0; at < addressing.count; at++) {
    const start = addressing.locate(at, true);
    if (start < 0) continue;
    const { column } = readOperand(memory, from!, start, addressing.run);
    const to = part(result.values, at * addressing.run, addressing.run);
    (to as Float64Array).set(column as Float64Array);
    handled += addressing.run + 64;
    if (handled > sliceElements) {
      handled = 0;
      yield;
    }
  }
  return [result];
}

/** Where the runs of consecutive elements that indices name lie in a tensor of some shape. */
export interface Addressing {
  /** Of all that is named. */
  readonly shape: readonly number[];
  readonly count: number;
  readonly run: number;
  /** The first element of a run in row-major order; −1 if its index is out of range and not to be clamped. */
  locate(at: number, clamp: boolean): number;
}

/** The forms of gather and scatter over a tensor of `shape`. */
export function addressingOf(
  form: 'rows' | 'elements' | 'nd',
  axis: number,
  shape: readonly number[],
  indices: Dense,
): Addressing {
  if (form === 'rows') return rowsAddressing(axis, shape, indices);
  if (form === 'elements') return elementsAddressing(axis, shape, indices);
  const depth = indices.shape.at(-1)!;
  const tuples = indices.shape.slice(0, -1);
  const strides = denseStrides(shape);
  return {
    shape: [...tuples, ...shape.slice(depth)],
    count: elementCount(tuples),
    run: elementCount(shape.slice(depth)),
    locate(at, clamp) {
      let element = 0;
      for (let i = 0; i < depth; i++) {
        const index = resolve(indices.values[at * depth + i]!, shape[i]!, clamp);
        if (index < 0) return -1;
        element += index * strides[i]!;
      }
      return element;
    },
  };
}

function rowsAddressing(axis: number, shape: readonly number[], indices: Dense): Addressing {
  const outer = shape.slice(0, axis);
  const inner = shape.slice(axis + 1);
  const named = indices.values.length;
  const run = elementCount(inner);
  return {
    shape: [...outer, ...indices.shape, ...inner],
    count: elementCount(outer) * named,
    run,
    locate(at, clamp) {
      const index = resolve(indices.values[at % named]!, shape[axis]!, clamp);
      return index < 0 ? -1 : (Math.floor(at / named) * shape[axis]! + index) * run;
    },
  };
}

function elementsAddressing(axis: number, shape: readonly number[], indices: Dense): Addressing {
  const inner = elementCount(shape.slice(axis + 1));
  return {
    shape: indices.shape,
    count: indices.values.length,
    run: 1,
    locate(at, clamp) {
      const index = resolve(indices.values[at]!, shape[axis]!, clamp);
      const outer = Math.floor(at / (inner * indices.shape[axis]!));
      return index < 0 ? -1 : (outer * shape[axis]! + index) * inner + (at % inner);
    },
  };
}

/** An index counted from the end if negative, then clamped, or −1 if out of range. */
function resolve(index: number | bigint, extent: number, clamp: boolean): number {
  const position = Number(index) < 0 ? Number(index) + extent : Number(index);
  if (clamp) return Math.min(Math.max(position, 0), extent - 1);
  return position >= extent || position < 0 ? -1 : position;
}
