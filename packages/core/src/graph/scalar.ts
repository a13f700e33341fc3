import {
  bfloat16Values,
  encodeBfloat16,
  encodeFloat16,
  float16Values,
  roundBfloat16,
  roundFloat16,
} from '../reference/small-floats.js';
import type { ElementType } from './data-types.js';
import { describe, rejectArgument } from './errors.js';

/** WebNN's `MLNumber`: a bigint reaches 64-bit integers beyond 2^53. */
export type MLNumber = number | bigint;

const integerRanges: Partial<Record<ElementType, readonly [bigint, bigint]>> = {
  int8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint8: [0n, 2n ** 8n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/**
 * A number as it is in a data type: floats rounded to nearest, integers truncated and saturated, NaN as integer 0.
 * 64-bit integers come as decimal strings, as expressions carry them.
 *
 * @throws HalyardError `bad-argument` if it is no number
 */
export function castScalar(where: string, name: string, value: MLNumber, dataType: ElementType): number | string {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    rejectArgument(where, `${name} ${describe(value)}`, 'a number or a bigint', `Change ${name}.`);
  }
  const range = integerRanges[dataType];
  if (!range) return roundFloat(Number(value), dataType);
  const saturated = saturate(value, range);
  return dataType === 'int64' || dataType === 'uint64' ? saturated.toString() : Number(saturated);
}

function saturate(value: MLNumber, [lowest, highest]: readonly [bigint, bigint]): bigint {
  if (value < lowest) return lowest;
  if (value > highest) return highest;
  if (typeof value === 'bigint') return value;
  return Number.isNaN(value) ? 0n : BigInt(Math.trunc(value));
}

function roundFloat(value: number, dataType: ElementType): number {
  if (dataType === 'float16') return roundFloat16(value);
  if (dataType === 'bfloat16') return roundBfloat16(value);
  return Math.fround(value);
}

/** The little-endian bytes of a scalar that {@link castScalar} gave. */
export function encodeScalar(value: number | string, dataType: ElementType): Uint8Array {
  const bytes = new Uint8Array(8);
  const data = new DataView(bytes.buffer);
  switch (dataType) {
    case 'float32':
      data.setFloat32(0, Number(value), true);
      return bytes.slice(0, 4);
    case 'float16':
      data.setUint16(0, encodeFloat16(Number(value)), true);
      return bytes.slice(0, 2);
    case 'bfloat16':
      data.setUint16(0, encodeBfloat16(Number(value)), true);
      return bytes.slice(0, 2);
    case 'int64':
    case 'uint64':
      data.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
      return bytes;
    case 'int32':
    case 'uint32':
      data.setUint32(0, Number(value) >>> 0, true);
      return bytes.slice(0, 4);
    default:
      data.setUint8(0, Number(value) & 0xff);
      return bytes.slice(0, 1);
  }
}

/** The number that little-endian bytes hold; 64-bit integers as decimal strings. */
export function decodeScalar(bytes: Uint8Array, dataType: ElementType): number | string {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dataType) {
    case 'float32':
      return data.getFloat32(0, true);
    case 'float16':
      return float16Values()[data.getUint16(0, true)]!;
    case 'bfloat16':
      return bfloat16Values()[data.getUint16(0, true)]!;
    case 'int64':
      return data.getBigInt64(0, true).toString();
    case 'uint64':
      return data.getBigUint64(0, true).toString();
    case 'int32':
      return data.getInt32(0, true);
    case 'uint32':
      return data.getUint32(0, true);
    case 'int8':
      return data.getInt8(0);
    default:
      return data.getUint8(0);
  }
}
