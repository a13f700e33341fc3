import type { Expression, Operand, View } from '../contract/index.js';
import { asNumbers, type Column, createColumn, type Dense, elementCount, part } from './column.js';
import { elementReader, readType } from './elements.js';
import { evaluateExpression, type Value } from './expression.js';
import type { Memory } from './memory.js';
import { coordinates, permuteView, walk } from './view-walk.js';

/** How many elements are handled between two points at which a run may pause. */
export const sliceElements = 16384;

/** Elements `start` to `start + count` of a view, as they are stored. */
export function readView(memory: Memory, view: View, start: number, count: number): Value {
  const tensor = memory.tensors[view.tensor]!;
  const type = readType(tensor.type);
  const column = createColumn(type, count);
  const read = elementReader(tensor, memory.bytes(view.tensor));
  walk(view, start, count, (element, stride, length, before) => read(element, stride, length, column, before));
  return { type, column };
}

/** Elements of an operand, after its quantization and prologue. */
export function readOperand(memory: Memory, operand: Operand, start: number, count: number): Value {
  let value = readView(memory, operand, start, count);
  if (operand.quantization) value = dequantize(memory, operand, value, start, count);
  if (!operand.prologue) return value;
  return evaluateExpression(memory, operand.prologue, [value], operand.shape, start, count)[0]!;
}

/** A whole operand, after its quantization and prologue. */
export function* loadOperand(memory: Memory, operand: Operand): Generator<void, Dense> {
  const count = elementCount(operand.shape);
  const { type } = readOperand(memory, operand, 0, 0);
  const values = createColumn(type, count);
  for (let start = 0; start < count; start += sliceElements) {
    const length = Math.min(sliceElements, count - start);
    const { column } = readOperand(memory, operand, start, length);
    (values as Float64Array).set(column as Float64Array, start);
    yield;
  }
  return { type, shape: operand.shape, values };
}

function dequantize(memory: Memory, operand: Operand, stored: Value, start: number, count: number): Value {
  const { scale, zeroPoint, block } = operand.quantization!;
  const type = readType(memory.tensors[scale.tensor]!.type);
  const quants = asNumbers(stored.column);
  const scales = asNumbers(perBlock(memory, scale, operand.shape, block, start, count).column);
  const result = new Float64Array(count);
  if (!zeroPoint) {
    for (let i = 0; i < count; i++) result[i] = quants[i]! * scales[i]!;
  } else {
    const points = asNumbers(perBlock(memory, zeroPoint, operand.shape, block, start, count).column);
    for (let i = 0; i < count; i++) result[i] = (quants[i]! - points[i]!) * scales[i]!;
  }
  return { type, column: result };
}

/** For each element the value of its block. */
function perBlock(
  memory: Memory,
  view: View,
  shape: readonly number[],
  block: readonly number[],
  start: number,
  count: number,
): Value {
  const tensor = memory.tensors[view.tensor]!;
  const read = elementReader(tensor, memory.bytes(view.tensor));
  const type = readType(tensor.type);
  const column = createColumn(type, count);
  const elements = new Float64Array(count).fill(view.offset);
  for (let axis = 0; axis < shape.length; axis++) {
    const stride = view.strides[axis]!;
    if (stride === 0) continue;
    const index = coordinates(shape, axis, start, count);
    for (let i = 0; i < count; i++) elements[i]! += Math.floor(index[i]! / (block[axis] ?? 1)) * stride;
  }
  for (let i = 0; i < count; i++) read(elements[i]!, 1, 1, column, i);
  return { type, column };
}

/** The operand with its axes in another order, and all that belongs to it. */
export function permuteOperand(operand: Operand, order: readonly number[]): Operand {
  const { prologue, quantization } = operand;
  return {
    ...permuteView(operand, order),
    ...(prologue && { prologue: permuteExpression(prologue, order) }),
    ...(quantization && {
      quantization: {
        scale: permuteView(quantization.scale, order),
        ...(quantization.zeroPoint && { zeroPoint: permuteView(quantization.zeroPoint, order) }),
        block: order.map((axis) => quantization.block[axis]!),
      },
    }),
  };
}

function permuteExpression(expression: Expression, order: readonly number[]): Expression {
  return {
    ...expression,
    inputs: expression.inputs.map((view) => permuteView(view, order)),
    body: expression.body.map((instruction) =>
      instruction.op === 'coordinate'
        ? { ...instruction, value: order.indexOf(Number(instruction.value)) }
        : instruction,
    ),
  };
}

/** A dense tensor brought back from the order that {@link permuteOperand} made. */
export function unpermute(dense: Dense, order: readonly number[]): Dense {
  const shape = new Array<number>(order.length);
  for (let i = 0; i < order.length; i++) shape[order[i]!] = dense.shape[i]!;
  const strides = new Array<number>(order.length);
  let stride = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    strides[order[i]!] = stride;
    stride *= dense.shape[i]!;
  }
  const values = createColumn(dense.type, dense.values.length);
  walk({ offset: 0, shape, strides }, 0, values.length, (element, step, length, before) => {
    for (let i = 0; i < length; i++) values[before + i] = dense.values[element + i * step]!;
  });
  return { type: dense.type, shape, values };
}

/** All axes, with the named ones last. */
export function lastAxes(rank: number, axes: readonly number[]): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  return [...all.filter((axis) => !axes.includes(axis)), ...axes];
}

/** One group of `size` elements of a column, sharing its memory. */
export const group = (column: Column, index: number, size: number): Column => part(column, index * size, size);
