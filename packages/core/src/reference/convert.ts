import type { DataType } from '../contract/index.js';
import { type Column, createColumn, type IntegerType, integerRanges, isBig, isFloat, numbers } from './column.js';
import { unsupportedType } from './failures.js';
import { roundBfloat16, roundFloat16 } from './small-floats.js';

/** Rounds a double to a float type, once, to nearest even. */
export function roundFloat(value: number, type: DataType): number {
  switch (type) {
    case 'float32':
      return Math.fround(value);
    case 'float16':
      return roundFloat16(value);
    case 'bfloat16':
      return roundBfloat16(value);
    default:
      throw unsupportedType(type);
  }
}

/** Wraps an exact integer to an integer type of up to 32 bits. */
export function wrap(value: number, type: DataType): number {
  switch (type) {
    case 'int32':
      return value | 0;
    case 'uint32':
      return value >>> 0;
    case 'int8':
      return (value << 24) >> 24;
    case 'uint8':
      return value & 255;
    case 'int4':
      return (value << 28) >> 28;
    case 'uint4':
      return value & 15;
    default:
      throw unsupportedType(type);
  }
}

/** A 64-bit integer as a double that rounds on to any narrower float as the integer itself would (round to odd). */
function bigToNumber(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 2n ** 53n) return Number(value);
  const shift = BigInt(magnitude.toString(2).length - 53);
  let top = magnitude >> shift;
  if (top << shift !== magnitude) top |= 1n;
  const result = Number(top) * 2 ** Number(shift);
  return value < 0n ? -result : result;
}

/** A cast: floats round, a float saturates to an integer and NaN becomes 0, integers wrap. */
export function convertValue(value: number | bigint, from: DataType, to: DataType): number | bigint {
  if (isFloat(to)) return roundFloat(typeof value === 'bigint' ? bigToNumber(value) : value, to);
  if (isFloat(from)) return saturate(value as number, to as IntegerType);
  if (isBig(to)) return to === 'int64' ? BigInt.asIntN(64, BigInt(value)) : BigInt.asUintN(64, BigInt(value));
  return typeof value === 'bigint' ? wrap(Number(BigInt.asIntN(32, value)), to) : wrap(value, to);
}

function saturate(value: number, to: IntegerType): number | bigint {
  const [least, greatest] = integerRanges[to];
  if (Number.isNaN(value)) return isBig(to) ? 0n : 0;
  if (value <= Number(least)) return least;
  if (value >= Number(greatest)) return greatest;
  const whole = Math.trunc(value);
  // `+ 0` turns −0 into 0.
  return isBig(to) ? BigInt(whole) : whole + 0;
}

/** {@link convertValue} for each element. */
export function convert(column: Column, from: DataType, to: DataType): Column {
  if (from === to && !isFloat(to)) return column;
  const result = createColumn(to, column.length);
  if (to === 'float32' && !isBig(from)) {
    const source = numbers(column);
    const target = numbers(result);
    for (let i = 0; i < source.length; i++) target[i] = Math.fround(source[i]!);
    return result;
  }
  for (let i = 0; i < column.length; i++) result[i] = convertValue(column[i]!, from, to);
  return result;
}

/** As {@link convert}, but floats stay as wide as they are held. */
export function widen(column: Column, from: DataType, to: DataType): Column {
  return isFloat(to) && !isBig(from) ? column : convert(column, from, to);
}
