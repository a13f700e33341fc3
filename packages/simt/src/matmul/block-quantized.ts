import type { BlockType } from '@halyard/core';
import { halfToFloat } from '../expression/index.js';
import type { Helper } from '../kernel/helper.js';

/** Elements that are dequantized together: the block of q4_0, q4_1 and q8_0, an eighth of the others'. */
export const groupElements = 32;

/**
 * Device functions `load_group(const unsigned char* block, int group, Group& result)`, one for each format: 32 quants
 * as int8 in the order of the elements, two scales (for the first and the last 16) and an offset, so that an element
 * is quant · scale + offset. Source of the formats: ggml's `ggml-common.h` and `dequantize_row_*` in `ggml-quants.c`.
 */
const loaders: Readonly<Record<BlockType, string>> = {
  q4_0: `
  const unsigned short* words = reinterpret_cast<const unsigned short*>(block);
  result.scale[0] = result.scale[1] = half_bits_to_float(words[0]);
  result.offset = 0.0f;
  for (int i = 0; i < 4; ++i) {
    const unsigned packed = words[1 + 2 * i] | (unsigned(words[2 + 2 * i]) << 16);
    result.quants[i] = subtract_bytes(packed & 0x0f0f0f0fu, 0x08080808u);
    result.quants[4 + i] = subtract_bytes((packed >> 4) & 0x0f0f0f0fu, 0x08080808u);
  }`,
  q4_1: `
  const unsigned* words = reinterpret_cast<const unsigned*>(block);
  result.scale[0] = result.scale[1] = half_bits_to_float(words[0] & 0xffffu);
  result.offset = half_bits_to_float(words[0] >> 16);
  for (int i = 0; i < 4; ++i) {
    const unsigned packed = words[1 + i];
    result.quants[i] = packed & 0x0f0f0f0fu;
    result.quants[4 + i] = (packed >> 4) & 0x0f0f0f0fu;
  }`,
  q8_0: `
  const unsigned short* words = reinterpret_cast<const unsigned short*>(block);
  result.scale[0] = result.scale[1] = half_bits_to_float(words[0]);
  result.offset = 0.0f;
  for (int i = 0; i < 8; ++i) result.quants[i] = words[1 + 2 * i] | (unsigned(words[2 + 2 * i]) << 16);`,
  q4_k: `
  const unsigned* words = reinterpret_cast<const unsigned*>(block);
  const unsigned char* packed = block + 4;
  const unsigned own = packed[group];
  const unsigned next = packed[4 + group];
  const unsigned before = group < 4 ? 0u : packed[group - 4];
  const unsigned scale = group < 4 ? own & 63u : (next & 15u) | ((before >> 6) << 4);
  const unsigned minimum = group < 4 ? next & 63u : (next >> 4) | ((own >> 6) << 4);
  result.scale[0] = result.scale[1] = half_bits_to_float(words[0] & 0xffffu) * float(scale);
  result.offset = -half_bits_to_float(words[0] >> 16) * float(minimum);
  const int shift = (group & 1) * 4;
  for (int i = 0; i < 8; ++i) result.quants[i] = (words[4 + (group >> 1) * 8 + i] >> shift) & 0x0f0f0f0fu;`,
  q6_k: `
  const unsigned short* words = reinterpret_cast<const unsigned short*>(block);
  const float scale = half_bits_to_float(words[104]);
  result.scale[0] = scale * float(static_cast<signed char>(block[192 + group * 2]));
  result.scale[1] = scale * float(static_cast<signed char>(block[193 + group * 2]));
  result.offset = 0.0f;
  const int side = group >> 2;
  const int quarter = group & 3;
  for (int i = 0; i < 8; ++i) {
    const int low_at = (side * 64 + (quarter & 1) * 32) / 2 + 2 * i;
    const int high_at = (128 + side * 32) / 2 + 2 * i;
    const unsigned low = (words[low_at] | (unsigned(words[low_at + 1]) << 16)) >> ((quarter >> 1) * 4);
    const unsigned high = (words[high_at] | (unsigned(words[high_at + 1]) << 16)) >> (quarter * 2);
    result.quants[i] = subtract_bytes((low & 0x0f0f0f0fu) | ((high & 0x03030303u) << 4), 0x20202020u);
  }`,
};

/** Formats by name: whole blocks in elements and bytes. */
const sizes: Readonly<Record<BlockType, readonly [elements: number, bytes: number]>> = {
  q4_0: [32, 18],
  q4_1: [32, 20],
  q8_0: [32, 34],
  q4_k: [256, 144],
  q6_k: [256, 210],
};

export const isBlockType = (type: string): type is BlockType => type in loaders;

/** Bytes at which a block begins are a multiple of this, and loads are as wide. */
export const blockAlignment = (type: BlockType): number => (type === 'q4_1' || type === 'q4_k' ? 4 : 2);

/** As float, of the bits of a float16. */
const halfBits: Helper = {
  name: 'half_bits_to_float',
  requires: [halfToFloat],
  text: `
__device__ __forceinline__ float half_bits_to_float(unsigned int bits) { return half_to_float((unsigned short)bits); }`,
};

/** Four differences of bytes, each below 128 in magnitude. */
const subtractBytes: Helper = {
  name: 'subtract_bytes',
  text: `
__device__ __forceinline__ unsigned int subtract_bytes(unsigned int x, unsigned int y) {
  return ((x | 0x80808080u) - y) ^ 0x80808080u;
}`,
};

const group: Helper = {
  name: 'group',
  text: `
struct Group {
  unsigned int quants[8];
  float scale[2];
  float offset;
};
__device__ __forceinline__ float group_element(const Group& group, int i) {
  // The last byte of 2^23 as a float, whose last digit is worth 1: conversions of integers have a quarter of the rate.
  const unsigned int bits = __byte_perm(group.quants[i / 4] ^ 0x80808080u, 0x4b000000u, 0x7540u | (i % 4));
  return (__uint_as_float(bits) - 8388736.0f) * group.scale[i / 16] + group.offset;
}`,
};

/**
 * `load_group_TYPE(row, group, result)`, where `row` is the first block of a row and `group` counts groups of
 * {@link groupElements} elements along it.
 */
export function groupHelper(type: BlockType): Helper {
  const [elements, bytes] = sizes[type];
  const groups = elements / groupElements;
  return (groupHelpers[type] ??= {
    name: `load_group_${type}`,
    requires: [halfBits, subtractBytes, group],
    text: `
__device__ __forceinline__ void load_group_${type}(const unsigned char* row, int position, Group& result) {
  const unsigned char* block = row + (long long)(position / ${groups}) * ${bytes};
${
  groups > 1
    ? `
  const int group = position % ${groups};`
    : ''
}${loaders[type]}
}`,
  });
}

const groupHelpers: Partial<Record<BlockType, Helper>> = {};
