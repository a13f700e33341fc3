import type { DataType } from '@halyard/core';
import { isFloat, type Value } from '../../expression/index.js';
import type { Helper } from '../../kernel/helper.js';
import type { KernelWriter } from '../../kernel/kernel-writer.js';

const floatKey: Helper = {
  name: 'float_key',
  text: `
__device__ __forceinline__ unsigned int float_key(float value) {
  if (value != value) return 0xffffffffu;
  const unsigned int bits = (unsigned int)__float_as_int(value == 0.0f ? 0.0f : value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}`,
};

/** The C++ type of the keys that elements of a type are sorted by. */
export const keyName = (type: DataType): string =>
  type === 'int64' || type === 'uint64' ? 'unsigned long long' : 'unsigned int';

export const keyBytes = (type: DataType): number => (keyName(type) === 'unsigned int' ? 4 : 8);

/** An unsigned integer that is in the order of the elements: NaN the largest, both zeros equal. */
export function keyOf(writer: KernelWriter, { code, type }: Value, descending: boolean): string {
  const name = keyName(type);
  const bits = name === 'unsigned int' ? '0x80000000u' : '0x8000000000000000ull';
  const wide = name === 'unsigned int' ? 'int' : 'long long';
  let key: string;
  if (isFloat(type)) key = writer.call(floatKey, code);
  else if (type.startsWith('u')) key = `(${name})(${code})`;
  else key = `(${name})(${wide})(${code}) ^ ${bits}`;
  return descending ? `~(${key})` : key;
}
