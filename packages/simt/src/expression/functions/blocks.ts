import type { BlockType } from '@halyard/core';
import type { Helper } from '../../kernel/helper.js';
import { halfToFloat } from './small-floats.js';

const readHalf: Helper = {
  name: 'read_half',
  requires: [halfToFloat],
  text: `
__device__ __forceinline__ float read_half(const unsigned char* from) {
  return half_to_float(*reinterpret_cast<const unsigned short*>(from));
}`,
};

/**
 * One element of a block of weights: `NAME_element(block, within)`, where `block` is its first byte. Formats: ggml's
 * `ggml-common.h`; every product is exact in float32, so that there is one rounding.
 */
export const blockElements: Readonly<Record<BlockType, Helper>> = {
  q4_0: {
    name: 'q4_0_element',
    requires: [readHalf],
    text: `
__device__ __forceinline__ float q4_0_element(const unsigned char* block, int within) {
  const int quant = (block[2 + (within & 15)] >> (within >> 4) * 4) & 15;
  return (float)(quant - 8) * read_half(block);
}`,
  },
  q4_1: {
    name: 'q4_1_element',
    requires: [readHalf],
    text: `
__device__ __forceinline__ float q4_1_element(const unsigned char* block, int within) {
  const int quant = (block[4 + (within & 15)] >> (within >> 4) * 4) & 15;
  return (float)quant * read_half(block) + read_half(block + 2);
}`,
  },
  q8_0: {
    name: 'q8_0_element',
    requires: [readHalf],
    text: `
__device__ __forceinline__ float q8_0_element(const unsigned char* block, int within) {
  return (float)(signed char)block[2 + within] * read_half(block);
}`,
  },
  q4_k: {
    name: 'q4_k_element',
    requires: [readHalf],
    text: `
__device__ __forceinline__ float q4_k_element(const unsigned char* block, int within) {
  const int group = within >> 5;
  const int own = block[4 + group], next = block[8 + group];
  const int scale = group < 4 ? own & 63 : (next & 15) | (block[group] >> 6) << 4;
  const int minimum = group < 4 ? next & 63 : next >> 4 | (own >> 6) << 4;
  const int quant = (block[16 + (group >> 1) * 32 + (within & 31)] >> (group & 1) * 4) & 15;
  return (float)(quant * scale) * read_half(block) - (float)minimum * read_half(block + 2);
}`,
  },
  q6_k: {
    name: 'q6_k_element',
    requires: [readHalf],
    text: `
__device__ __forceinline__ float q6_k_element(const unsigned char* block, int within) {
  const int side = within >> 7, quarter = (within >> 5) & 3, column = within & 31;
  const int low = block[side * 64 + (quarter & 1) * 32 + column] >> (quarter >> 1) * 4;
  const int high = block[128 + side * 32 + column] >> quarter * 2;
  const int quant = ((low & 15) | (high & 3) << 4) - 32;
  return (float)(quant * (signed char)block[192 + (within >> 4)]) * read_half(block + 208);
}`,
  },
};

/** Two elements a byte, the first in the low nibble. */
export const nibbles: Helper = {
  name: 'nibbles',
  text: `
__device__ __forceinline__ unsigned char uint4_element(const unsigned char* byte, int within) {
  return (unsigned char)((*byte >> within * 4) & 15);
}
__device__ __forceinline__ signed char int4_element(const unsigned char* byte, int within) {
  return (signed char)((int)(*byte >> within * 4) << 28 >> 28);
}`,
};
