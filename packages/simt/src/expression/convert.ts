import type { DataType } from '@halyard/core';
import type { KernelWriter } from '../kernel/kernel-writer.js';
import { isFloat, valueNames } from './data-types.js';
import {
  bfloatToFloat,
  floatToBfloat,
  floatToHalf,
  halfToFloat,
  integerToOddFloat,
  roundToBfloat,
  roundToHalf,
  saturate,
} from './functions/small-floats.js';
import type { Value } from './value.js';

/** The value of what memory holds of a plain type. */
export function decode(writer: KernelWriter, stored: string, type: DataType): string {
  if (type === 'float16') return writer.call(halfToFloat, stored);
  if (type === 'bfloat16') return writer.call(bfloatToFloat, stored);
  return stored;
}

/** What memory of a type holds of a value of any: converted, and rounded once. */
export function storedCode(writer: KernelWriter, value: Value, type: DataType): string {
  if (!isFloat(type)) return convert(writer, value, type).code;
  return encode(writer, isFloat(value.type) ? value.code : floatOfInteger(writer, value, type), type);
}

/** What memory holds of a value of the same data type. */
function encode(writer: KernelWriter, value: string, type: DataType): string {
  if (type === 'float16') return writer.call(floatToHalf, value);
  if (type === 'bfloat16') return writer.call(floatToBfloat, value);
  return value;
}

/** A cast: floats round, a float saturates to an integer and NaN becomes 0, integers wrap. */
export function convert(writer: KernelWriter, value: Value, to: DataType): Value {
  const { code, type: from } = value;
  if (isFloat(to)) {
    const wide = isFloat(from) ? code : floatOfInteger(writer, value, to);
    if (to === 'float16') return { code: writer.call(roundToHalf, wide), type: to };
    if (to === 'bfloat16') return { code: writer.call(roundToBfloat, wide), type: to };
    return { code: wide, type: to };
  }
  if (from === to) return value;
  if (!isFloat(from)) return { code: `(${valueNames[to]})(${code})`, type: to };
  writer.need(saturate);
  return { code: `saturate_${to}(${code})`, type: to };
}

/** As {@link convert}, but floats stay as wide as they are held. */
export function widen(writer: KernelWriter, value: Value, to: DataType): Value {
  return isFloat(to) && isFloat(value.type) ? { code: value.code, type: to } : convert(writer, value, to);
}

/** Rounded once to float32; for narrower floats to odd, so that the next rounding is the only one. */
function floatOfInteger(writer: KernelWriter, { code, type }: Value, to: DataType): string {
  const isNarrow = !['int64', 'uint64', 'int32', 'uint32'].includes(type);
  if (to === 'float32' || isNarrow) return `(float)(${code})`;
  return writer.call(integerToOddFloat, `(${type.startsWith('u') ? 'unsigned long long' : 'long long'})(${code})`);
}
