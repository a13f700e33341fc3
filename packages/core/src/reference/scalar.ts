import type { BinaryScalarOperator, ComparisonOperator, DataType, UnaryScalarOperator } from '../contract/index.js';
import { isBig, isFloat } from './column.js';
import { wrap } from './convert.js';
import { badProgram } from './failures.js';
import { roundEven } from './small-floats.js';
import { erf, gelu, pow, sigmoid, silu } from './special-functions.js';

export type Scalar = number | bigint;

const floatUnary: Readonly<Record<UnaryScalarOperator, (x: number) => number>> = {
  abs: Math.abs,
  neg: (x) => -x,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  erf,
  tanh: Math.tanh,
  sigmoid,
  gelu,
  silu,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  floor: Math.floor,
  ceil: Math.ceil,
  roundEven,
};

const floatBinary: Readonly<Record<BinaryScalarOperator, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow,
  min: (x, y) => Math.min(x, y),
  max: (x, y) => Math.max(x, y),
};

/** Exact modulo 2³²; the caller wraps to the type. */
const integerBinary: Readonly<Record<BinaryScalarOperator, (x: number, y: number) => number>> = {
  ...floatBinary,
  mul: Math.imul,
  div: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
  pow: (x, y) => Number(BigInt.asIntN(32, bigPow(BigInt(x), BigInt(y)))),
};

const bigBinary: Readonly<Record<BinaryScalarOperator, (x: bigint, y: bigint) => bigint>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => (y === 0n ? 0n : x / y),
  pow: bigPow,
  min: (x, y) => [x, y][x < y ? 0 : 1]!,
  max: (x, y) => [x, y][x > y ? 0 : 1]!,
};

/** Modulo 2⁶⁴, by squaring. A negative exponent truncates the fraction: 0, save for bases 1 and −1. */
function bigPow(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * square);
    square = BigInt.asUintN(64, square * square);
  }
  return result;
}

const isTrue = (x: Scalar): boolean => x !== 0 && x !== 0n;

const tests: Readonly<Record<ComparisonOperator, (x: Scalar, y: Scalar) => boolean>> = {
  equal: (x, y) => x === y,
  notEqual: (x, y) => x !== y,
  lesser: (x, y) => x < y,
  lesserOrEqual: (x, y) => x <= y,
  greater: (x, y) => x > y,
  greaterOrEqual: (x, y) => x >= y,
  and: (x, y) => isTrue(x) && isTrue(y),
  or: (x, y) => isTrue(x) || isTrue(y),
  xor: (x, y) => isTrue(x) !== isTrue(y),
  not: (x) => !isTrue(x),
  isNaN: (x) => Number.isNaN(x),
  isInfinite: (x) => x === Infinity || x === -Infinity,
};

export const isComparison = (op: string): op is ComparisonOperator => op in tests;
export const isBinary = (op: string): op is BinaryScalarOperator => op in floatBinary;
export const isUnary = (op: string): op is UnaryScalarOperator => op in floatUnary;

export const comparison = (op: ComparisonOperator): ((x: Scalar, y: Scalar) => number) => {
  const test = tests[op];
  return (x, y) => (test(x, y) ? 1 : 0);
};

/** The operator over two values of a type: floats in double, unrounded; integers wrapped. */
export function binary(op: BinaryScalarOperator, type: DataType): (x: never, y: never) => Scalar {
  if (isFloat(type)) return floatBinary[op];
  if (isBig(type)) {
    const operate = bigBinary[op];
    const limit = type === 'int64' ? BigInt.asIntN : BigInt.asUintN;
    return (x: bigint, y: bigint) => limit(64, operate(x, y));
  }
  const operate = integerBinary[op];
  return (x: number, y: number) => wrap(operate(x, y), type);
}

/** The operator over a value of a type: floats in double, unrounded; integers wrapped. */
export function unary(op: UnaryScalarOperator, type: DataType): (x: never) => Scalar {
  if (isFloat(type)) return floatUnary[op];
  if (op === 'floor' || op === 'ceil' || op === 'roundEven') return (x: Scalar) => x;
  if (op !== 'abs' && op !== 'neg' && op !== 'sign') throw badProgram(`${op} of ${type}`, `${op} of a float`);
  if (isBig(type)) {
    const limit = type === 'int64' ? BigInt.asIntN : BigInt.asUintN;
    if (op === 'abs') return (x: bigint) => limit(64, x < 0n ? -x : x);
    if (op === 'neg') return (x: bigint) => limit(64, -x);
    return (x: bigint) => (x > 0n ? 1n : x < 0n ? -1n : 0n);
  }
  const operate = floatUnary[op];
  return (x: number) => wrap(operate(x), type);
}
