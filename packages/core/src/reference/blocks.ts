import type { BlockType } from '../contract/index.js';
import { float16Values } from './small-floats.js';

/** Writes the elements of one block of weights, from `position` on in `bytes`, as float32 values. */
type BlockReader = (bytes: Uint8Array, position: number, to: Float64Array, at: number) => void;

const half = (bytes: Uint8Array, position: number): number =>
  float16Values()[bytes[position]! | (bytes[position + 1]! << 8)]!;

const signed = (byte: number): number => (byte << 24) >> 24;

/** Scale d (float16), then 32 nibbles: elements 0–15 low, 16–31 high. Value (q − 8)·d. */
function readQ4_0(bytes: Uint8Array, position: number, to: Float64Array, at: number): void {
  const scale = half(bytes, position);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[position + 2 + j]!;
    to[at + j] = Math.fround(((byte & 15) - 8) * scale);
    to[at + 16 + j] = Math.fround(((byte >> 4) - 8) * scale);
  }
}

/** Scale d and minimum m (float16), then 32 nibbles as in q4_0. Value q·d + m. */
function readQ4_1(bytes: Uint8Array, position: number, to: Float64Array, at: number): void {
  const scale = half(bytes, position);
  const minimum = half(bytes, position + 2);
  for (let j = 0; j < 16; j++) {
    const byte = bytes[position + 4 + j]!;
    to[at + j] = Math.fround((byte & 15) * scale + minimum);
    to[at + 16 + j] = Math.fround((byte >> 4) * scale + minimum);
  }
}

/** Scale d (float16), then 32 int8. Value q·d. */
function readQ8_0(bytes: Uint8Array, position: number, to: Float64Array, at: number): void {
  const scale = half(bytes, position);
  for (let j = 0; j < 32; j++) to[at + j] = Math.fround(signed(bytes[position + 2 + j]!) * scale);
}

/**
 * d and dmin (float16), then eight 6-bit scales s and eight 6-bit minima m in 12 bytes, then 256 nibbles: of each 64
 * elements the first 32 low, the others high. Value q·d·s − dmin·m.
 */
function readQ4K(bytes: Uint8Array, position: number, to: Float64Array, at: number): void {
  const scale = half(bytes, position);
  const minimum = half(bytes, position + 2);
  const packed = position + 4;
  for (let group = 0; group < 8; group++) {
    const own = bytes[packed + group]!;
    const next = bytes[packed + 4 + group]!;
    const groupScale = group < 4 ? own & 63 : (next & 15) | ((bytes[packed + group - 4]! >> 6) << 4);
    const groupMinimum = group < 4 ? next & 63 : (next >> 4) | ((own >> 6) << 4);
    const nibbles = position + 16 + (group >> 1) * 32;
    const shift = (group & 1) * 4;
    for (let j = 0; j < 32; j++) {
      const quant = (bytes[nibbles + j]! >> shift) & 15;
      to[at + group * 32 + j] = Math.fround(quant * scale * groupScale - minimum * groupMinimum);
    }
  }
}

/**
 * 128 bytes of low nibbles, 64 bytes of upper bit pairs, sixteen int8 scales s, then d (float16). Each half of 128
 * elements takes 64 bytes of nibbles and 32 bytes of pairs. Value (q − 32)·d·s.
 */
function readQ6K(bytes: Uint8Array, position: number, to: Float64Array, at: number): void {
  const scale = half(bytes, position + 208);
  for (let element = 0; element < 256; element++) {
    const side = element >> 7;
    const within = element & 127;
    const quarter = within >> 5;
    const column = within & 31;
    const low = bytes[position + side * 64 + (quarter & 1) * 32 + column]! >> ((quarter >> 1) * 4);
    const high = bytes[position + 128 + side * 32 + column]! >> (quarter * 2);
    const quant = ((low & 15) | ((high & 3) << 4)) - 32;
    to[at + element] = Math.fround(quant * scale * signed(bytes[position + 192 + (element >> 4)]!));
  }
}

/** Source of the formats: ggml's `ggml-common.h` and the `dequantize_row_*` functions of `ggml-quants.c`. */
export const blockReaders: Readonly<Record<BlockType, BlockReader>> = {
  q4_0: readQ4_0,
  q4_1: readQ4_1,
  q8_0: readQ8_0,
  q4_k: readQ4K,
  q6_k: readQ6K,
};
