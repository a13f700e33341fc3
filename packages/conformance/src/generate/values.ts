import { byteLength, type DataType, reference, type Type, typeLayouts } from '@halyard/core';
import type { Random } from './random.js';

/** What random elements look like: `plain` are of moderate size, `edge` has NaN, infinities, zeros and extremes, too. */
export type Flavour = 'plain' | 'edge';

const edges: readonly number[] = [0, -0, Infinity, -Infinity, Number.NaN, 1, -1, 2 ** -149, 3e38, -3e38, 65504, 0.5];

/** A number that the type can hold, or is rounded to it. */
export function randomValue(random: Random, type: DataType, flavour: Flavour): number | bigint {
  if (reference.isFloat(type)) {
    if (flavour === 'edge' && random.chance(0.2)) return random.pick(edges);
    return random.chance(0.1) ? random.integer(-4, 4) : (random.unit() * 2 - 1) * random.pick([1, 1, 4]);
  }
  const isSigned = !type.startsWith('u');
  const bits = Number(type.replace(/\D+/, ''));
  if (flavour === 'edge' && random.chance(0.2)) {
    const least = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
    const greatest = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
    const value = random.pick([least, greatest, 0n, 1n]);
    return bits === 64 ? value : Number(value);
  }
  const value = random.integer(isSigned ? -9 : 0, 9);
  return bits === 64 ? BigInt(value) : value;
}

/** The bytes of a tensor of random elements. Blocks of weights get random quants and sane scales. */
export function randomBytes(random: Random, type: Type, shape: readonly number[], flavour: Flavour): Uint8Array {
  const { elements } = typeLayouts[type];
  if (elements > 1) return packedBytes(random, type, byteLength(type, shape));
  return storedBytes(
    type as DataType,
    Array.from({ length: reference.elementCount(shape) }, () => randomValue(random, type as DataType, flavour)),
  );
}

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const;

/** Values as a dense tensor's bytes. */
export function storedBytes(type: DataType, values: readonly (number | bigint)[]): Uint8Array {
  if (type === 'int64') return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  if (type === 'uint64') return new Uint8Array(BigUint64Array.from(values, BigInt).buffer);
  const numbers = values.map(Number);
  if (type in arrays) return new Uint8Array(arrays[type as keyof typeof arrays].from(numbers).buffer);
  const encode = type === 'float16' ? reference.encodeFloat16 : reference.encodeBfloat16;
  return new Uint8Array(Uint16Array.from(numbers, encode).buffer);
}

/** Where the float16 scales of each block format lie. */
const scalePlaces: Readonly<Partial<Record<Type, readonly number[]>>> = {
  q4_0: [0],
  q4_1: [0, 2],
  q8_0: [0],
  q4_k: [0, 2],
  q6_k: [208],
};

function packedBytes(random: Random, type: Type, length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, () => random.integer(0, 255));
  const block = typeLayouts[type].bytes;
  for (let start = 0; start < length; start += block) {
    for (const place of scalePlaces[type] ?? []) {
      const scale = reference.encodeFloat16((random.unit() - 0.5) * (type.endsWith('k') ? 0.002 : 0.1));
      bytes[start + place] = scale & 255;
      bytes[start + place + 1] = scale >> 8;
    }
  }
  return bytes;
}
