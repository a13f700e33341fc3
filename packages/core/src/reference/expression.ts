import type { DataType, Expression, Instruction } from '../contract/index.js';
import { type Column, createColumn, isBig, isFloat, numbers } from './column.js';
import { convert, roundFloat, widen, wrap } from './convert.js';
import { elementReader, readType } from './elements.js';
import { badProgram } from './failures.js';
import type { Memory } from './memory.js';
import { random } from './philox.js';
import { binary, comparison, isBinary, isComparison, isUnary, type Scalar, unary } from './scalar.js';
import { coordinates, walk } from './view-walk.js';

/** A value of an expression at each of some elements. */
export interface Value {
  readonly type: DataType;
  readonly column: Column;
}

/**
 * Evaluates an expression at elements `start` to `start + count` of `shape`, in row-major order.
 *
 * @param values the leading values: a step's results, or the element that a prologue is given
 * @returns its results; floats are held in double, rounded by casts alone
 */
export function evaluateExpression(
  memory: Memory,
  expression: Expression,
  values: readonly Value[],
  shape: readonly number[],
  start: number,
  count: number,
): Value[] {
  const known = [...values];
  for (const view of expression.inputs) {
    const tensor = memory.tensors[view.tensor]!;
    const type = readType(tensor.type);
    const column = createColumn(type, count);
    const read = elementReader(tensor, memory.bytes(view.tensor));
    walk(view, start, count, (element, stride, length, before) => read(element, stride, length, column, before));
    known.push({ type, column });
  }
  for (const instruction of expression.body) {
    known.push({ type: instruction.dataType, column: evaluateInstruction(instruction, known, shape, start, count) });
  }
  return expression.results.map((index) => known[index] ?? fail(`result ${index}`, known.length));
}

function fail(what: string, count: number): never {
  throw badProgram(`${what} of an expression`, `one of its ${count} values`);
}

/** One instruction at each element; floats are held in double, rounded by casts and constants alone. */
export function evaluateInstruction(
  instruction: Instruction,
  known: readonly Value[],
  shape: readonly number[],
  start: number,
  count: number,
): Column {
  const { op, dataType } = instruction;
  const given = instruction.arguments.map((index) => known[index] ?? fail(`argument ${index}`, known.length));
  if (op === 'constant') return filled(dataType, count, constantValue(instruction));
  if (op === 'coordinate')
    return convert(coordinates(shape, Number(instruction.value), start, count), 'int32', dataType);
  const [first, second, third] = given;
  if (!first) return fail(`${op} without arguments`, known.length);
  if (op === 'cast') return convert(first.column, first.type, dataType);
  if (op === 'select') return select(first.column, second!, third!, dataType);
  if (op === 'random') return zip(first.column, second!.column, createColumn(dataType, count), random as never);
  if (isComparison(op))
    return zip(first.column, (second ?? first).column, createColumn(dataType, count), comparison(op) as never);
  const x = widen(first.column, first.type, dataType);
  if (isUnary(op)) return map(x, createColumn(dataType, count), unary(op, dataType));
  if (isBinary(op) && second) {
    return zip(x, widen(second.column, second.type, dataType), createColumn(dataType, count), binary(op, dataType));
  }
  throw badProgram(`scalar operator ${op} with ${given.length} arguments`, 'an operator of contract/expression.ts');
}

/** The value of a `constant` instruction, rounded to its type. */
export function constantValue({ value = 0, dataType }: Instruction): Scalar {
  if (isBig(dataType))
    return dataType === 'int64' ? BigInt.asIntN(64, BigInt(value)) : BigInt.asUintN(64, BigInt(value));
  return isFloat(dataType) ? roundFloat(Number(value), dataType) : wrap(Number(value), dataType);
}

function filled(type: DataType, count: number, value: Scalar): Column {
  const column = createColumn(type, count);
  for (let i = 0; i < count; i++) column[i] = value;
  return column;
}

function select(condition: Column, yes: Value, no: Value, type: DataType): Column {
  const result = createColumn(type, condition.length);
  const whenTrue = widen(yes.column, yes.type, type);
  const whenFalse = widen(no.column, no.type, type);
  for (let i = 0; i < condition.length; i++) {
    const isTrue = condition[i] !== 0 && condition[i] !== 0n;
    result[i] = isTrue ? whenTrue[i]! : whenFalse[i]!;
  }
  return result;
}

function map(x: Column, result: Column, operate: (x: never) => Scalar): Column {
  if (x instanceof Float64Array && result instanceof Float64Array) {
    const source = numbers(x);
    const target = numbers(result);
    for (let i = 0; i < source.length; i++) target[i] = operate(source[i]! as never) as number;
  } else {
    for (let i = 0; i < x.length; i++) result[i] = operate(x[i]! as never);
  }
  return result;
}

function zip(x: Column, y: Column, result: Column, operate: (x: never, y: never) => Scalar): Column {
  if (x instanceof Float64Array && y instanceof Float64Array && result instanceof Float64Array) {
    for (let i = 0; i < x.length; i++) result[i] = operate(x[i]! as never, y[i]! as never) as number;
  } else {
    for (let i = 0; i < x.length; i++) result[i] = operate(x[i]! as never, y[i]! as never);
  }
  return result;
}
