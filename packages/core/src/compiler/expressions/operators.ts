import type { DataType, Instruction, ScalarOperator, Type } from '../../contract/index.js';

/** The data type that reading an element of a tensor gives: blocks read as float32. */
export function elementType(type: Type): DataType {
  return type.startsWith('q') ? 'float32' : (type as DataType);
}

export function isBlockType(type: Type): boolean {
  return type.startsWith('q');
}

export function isFloat(type: DataType): boolean {
  return type.startsWith('float') || type === 'bfloat16';
}

/** Floats that a register may hold wider than declared, so that only a cast or store makes them round. */
export function isNarrowFloat(type: DataType): boolean {
  return isFloat(type) && type !== 'float32';
}

const comparisons: ReadonlySet<ScalarOperator> = new Set([
  'equal',
  'notEqual',
  'lesser',
  'lesserOrEqual',
  'greater',
  'greaterOrEqual',
  'and',
  'or',
  'xor',
  'not',
  'isNaN',
  'isInfinite',
]);

/** Whether the result is uint8, 0 or 1. */
export function isComparison(op: ScalarOperator): boolean {
  return comparisons.has(op);
}

const argumentCounts: Readonly<Partial<Record<ScalarOperator, number>>> = {
  constant: 0,
  coordinate: 0,
  random: 2,
  select: 3,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  pow: 2,
  min: 2,
  max: 2,
  equal: 2,
  notEqual: 2,
  lesser: 2,
  lesserOrEqual: 2,
  greater: 2,
  greaterOrEqual: 2,
  and: 2,
  or: 2,
  xor: 2,
};

/** How many arguments the operator takes. */
export function argumentCount(op: ScalarOperator): number {
  return argumentCounts[op] ?? 1;
}

const weights: Readonly<Partial<Record<ScalarOperator, number>>> = {
  constant: 0,
  random: 40,
  div: 4,
  sqrt: 4,
  rsqrt: 4,
  reciprocal: 4,
  pow: 20,
  exp: 8,
  log: 10,
  erf: 12,
  tanh: 12,
  sigmoid: 10,
  gelu: 14,
  silu: 10,
  sin: 16,
  cos: 16,
  tan: 20,
};

/** What an expression costs at each element, in additions; about as vectorized code has it. */
export function weightOf(body: readonly Instruction[]): number {
  return body.reduce((sum, { op }) => sum + (weights[op] ?? 1), 0);
}

const commutative: ReadonlySet<ScalarOperator> = new Set(['add', 'mul', 'equal', 'notEqual', 'and', 'or', 'xor']);

/** `min` and `max` are left out: of two zeros or NaNs an implementation may give either. */
export function isCommutative(op: ScalarOperator): boolean {
  return commutative.has(op);
}

const others: ReadonlySet<ScalarOperator> = new Set([
  'constant',
  'coordinate',
  'random',
  'cast',
  'select',
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'min',
  'max',
  'abs',
  'neg',
  'sign',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'erf',
  'tanh',
  'sigmoid',
  'gelu',
  'silu',
  'sin',
  'cos',
  'tan',
  'floor',
  'ceil',
  'roundEven',
]);

/** Whether this contract knows an operator of that name. */
export function isScalarOperator(op: string): op is ScalarOperator {
  return comparisons.has(op as ScalarOperator) || others.has(op as ScalarOperator);
}
