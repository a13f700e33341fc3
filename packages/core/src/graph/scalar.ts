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
  const whole = toBigInt(value, range);
  const saturated = whole < range[0] ? range[0] : whole > range[1] ? range[1] : whole;
  return dataType === 'int64' || dataType === 'uint64' ? saturated.toString() : Number(saturated);
}

function toBigInt(value: MLNumber, [lowest, highest]: readonly [bigint, bigint]): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value < 0 ? lowest : highest;
  return BigInt(Math.trunc(value));
}

function roundFloat(value: number, dataType: ElementType): number {
  if (dataType === 'float16') return decodeFloat16(encodeFloat16(value));
  if (dataType === 'bfloat16') return decodeBfloat16(encodeBfloat16(value));
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
      return decodeFloat16(data.getUint16(0, true));
    case 'bfloat16':
      return decodeBfloat16(data.getUint16(0, true));
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

/** IEEE 754 binary16, rounded to nearest, ties to even. */
function encodeFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(magnitude)) return 0x7e00;
  // The distance of neighbours is 2^-24 up to 2^-14, then doubles with each power of two.
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  if (exponent > 15) return sign | 0x7c00;
  const steps = roundHalfToEven(magnitude / 2 ** (exponent - 10));
  // Of normal numbers the leading one is implied; a carry into the exponent comes out right by itself.
  return sign | (steps + (exponent + 14) * 1024);
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function encodeBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0]!;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function decodeBfloat16(bits: number): number {
  return new Float32Array(new Uint32Array([bits << 16]).buffer)[0]!;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
