import type { DataType } from '../contract/index.js';

/**
 * Elements in a row, as the interpreter holds them: floats and integers of up to 32 bits in a `Float64Array` (floats
 * unrounded, integers exact), 64-bit integers in a `BigInt64Array` or `BigUint64Array`.
 */
export interface Column {
  readonly length: number;
  [index: number]: number | bigint;
}

/** A row-major tensor of its own, outside of a program's memory. */
export interface Dense {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly values: Column;
}

export const isFloat = (type: DataType): boolean =>
  type === 'float32' || type === 'float16' || type === 'bfloat16' || type === 'float8e4m3' || type === 'float8e5m2';

/** Whether elements are held as `bigint`. */
export const isBig = (type: DataType): boolean => type === 'int64' || type === 'uint64';

export function createColumn(type: DataType, length: number): Column {
  if (type === 'int64') return new BigInt64Array(length);
  if (type === 'uint64') return new BigUint64Array(length);
  return new Float64Array(length);
}

/** The column as numbers. Only for types that are not {@link isBig}. */
export const numbers = (column: Column): Float64Array => column as Float64Array;

/** The column as numbers, 64-bit integers rounded to doubles. */
export const asNumbers = (column: Column): Float64Array =>
  column instanceof Float64Array ? column : Float64Array.from(column as ArrayLike<bigint>, Number);

/** A stretch of a column, sharing its memory. */
export function part(column: Column, start: number, length: number): Column {
  return (column as Float64Array).subarray(start, start + length);
}

export const elementCount = (shape: readonly number[]): number => {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
};

/** Smallest and greatest value of each integer type. */
export const integerRanges = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int4: [-8, 7],
  uint4: [0, 15],
} as const;

export type IntegerType = keyof typeof integerRanges;
