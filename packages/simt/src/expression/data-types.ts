import { type BlockType, type DataType, reference, type Type, typeLayouts } from '@halyard/core';

/** The C type in which elements are computed with: all floats in float. */
export const valueNames: Readonly<Record<DataType, string>> = {
  float32: 'float',
  float16: 'float',
  bfloat16: 'float',
  float8e4m3: 'float',
  float8e5m2: 'float',
  int64: 'long long',
  uint64: 'unsigned long long',
  int32: 'int',
  uint32: 'unsigned int',
  int8: 'signed char',
  uint8: 'unsigned char',
  int4: 'signed char',
  uint4: 'unsigned char',
};

/** The C type of memory. */
export const storedNames: Readonly<Record<Type, string>> = {
  ...valueNames,
  float16: 'unsigned short',
  bfloat16: 'unsigned short',
  float8e4m3: 'unsigned char',
  float8e5m2: 'unsigned char',
  int4: 'unsigned char',
  uint4: 'unsigned char',
  q4_0: 'unsigned char',
  q4_1: 'unsigned char',
  q8_0: 'unsigned char',
  q4_k: 'unsigned char',
  q6_k: 'unsigned char',
};

const blockTypes: readonly Type[] = ['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'];

export const isBlockType = (type: Type): type is BlockType => blockTypes.includes(type);

/** Types of which elements are not addressed one by one. */
export const isPacked = (type: Type): boolean => typeLayouts[type].elements > 1;

/** Types that steps compute with and write. */
export const computedTypes: readonly Type[] = [
  ...(['float32', 'float16', 'bfloat16', 'int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'] as const),
];

/** Types that steps read. */
export const readableTypes: readonly Type[] = [...computedTypes, 'int4', 'uint4', ...blockTypes];

export const { isFloat, readType } = reference;

/** A float as a literal that is exactly it. */
export function floatLiteral(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return '__int_as_float(0x7fc00000)';
  if (!Number.isFinite(rounded)) return `__int_as_float(0x${rounded > 0 ? '7f800000' : 'ff800000'})`;
  if (Object.is(rounded, -0)) return '-0.0f';
  const text = String(rounded);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** A value as a literal of a data type. */
export function literal(value: number | bigint, type: DataType): string {
  if (isFloat(type)) return floatLiteral(Number(value));
  if (type === 'uint32') return `${value}u`;
  if (type === 'uint64') return `${value}ull`;
  if (type === 'int64') return `(long long)${BigInt.asUintN(64, BigInt(value))}ull`;
  if (type === 'int32') return Number(value) === -(2 ** 31) ? '(-2147483647 - 1)' : `${value}`;
  return `(${valueNames[type]})${value}`;
}
