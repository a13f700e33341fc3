import type { Step, Target } from '../contract/index.js';
import { type Column, createColumn, type Dense, elementCount, part } from './column.js';
import { convert } from './convert.js';
import { elementWriter } from './elements.js';
import { evaluateExpression, type Value } from './expression.js';
import { badProgram } from './failures.js';
import type { Memory } from './memory.js';
import { readView, sliceElements } from './operand.js';
import { coordinates, walk } from './view-walk.js';

/** The shape of what a target takes: its own, or with `rows` as many slices as there are indices. */
export function targetShape(target: Target): readonly number[] {
  const { rows } = target;
  return rows ? target.shape.with(rows.axis, rows.indices.shape[0]!) : target.shape;
}

/** Puts a step's results through its epilogue and stores them, a slice at a time. */
export function* storeResults(memory: Memory, step: Step, results: readonly Dense[]): Generator<void> {
  const { shape } = results[0]!;
  yield* storeSlices(memory, step, shape, (start, length) =>
    results.map(({ type, values }) => ({ type, column: part(values, start, length) })),
  );
}

/** As {@link storeResults}, for results that are made slice by slice. Each slice is read whole before it is stored. */
export function* storeSlices(
  memory: Memory,
  step: Step,
  shape: readonly number[],
  make: (start: number, length: number) => readonly Value[],
): Generator<void> {
  const count = elementCount(shape);
  for (let start = 0; start < count; start += sliceElements) {
    const length = Math.min(sliceElements, count - start);
    const made = make(start, length);
    const values = step.epilogue ? evaluateExpression(memory, step.epilogue, made, shape, start, length) : made;
    for (const [position, target] of step.outputs.entries()) {
      const value = values[position];
      if (!value)
        throw badProgram(`${values.length} results for ${step.outputs.length} outputs`, 'one for each output');
      storeValue(memory, target, value, shape, start);
    }
    yield;
  }
}

/** Stores elements from `start` on of a result of `shape`, converted to the tensor's type. */
function storeValue(memory: Memory, target: Target, value: Value, shape: readonly number[], start: number): void {
  const tensor = memory.tensors[target.tensor]!;
  const write = elementWriter(tensor, memory.bytes(target.tensor));
  const column = convert(value.column, value.type, tensor.type as Value['type']);
  if (target.rows) {
    storeRows(memory, target, column, shape, start, write);
    return;
  }
  walk(target, start, column.length, (element, stride, length, before) =>
    write(column, before, element, stride, length),
  );
}

function storeRows(
  memory: Memory,
  target: Target,
  column: Column,
  shape: readonly number[],
  start: number,
  write: ReturnType<typeof elementWriter>,
): void {
  const { axis, indices } = target.rows!;
  const named = readView(memory, indices, 0, indices.shape[0]!).column;
  const elements = new Float64Array(column.length).fill(target.offset);
  const isDropped = new Uint8Array(column.length);
  for (let dimension = 0; dimension < shape.length; dimension++) {
    const stride = target.strides[dimension]!;
    const index = coordinates(shape, dimension, start, column.length);
    for (let i = 0; i < column.length; i++) {
      let position = index[i]!;
      if (dimension === axis) {
        position = Number(named[position]);
        if (position < 0 || position >= target.shape[axis]!) isDropped[i] = 1;
      }
      elements[i]! += position * stride;
    }
  }
  for (let i = 0; i < column.length; i++) if (!isDropped[i]) write(column, i, elements[i]!, 1, 1);
}

/** A result to be filled in. */
export function createDense(type: Dense['type'], shape: readonly number[]): Dense {
  return { type, shape, values: createColumn(type, elementCount(shape)) };
}
