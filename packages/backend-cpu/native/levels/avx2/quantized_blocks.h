#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../kernels/quantized_matmul.h"

// Activations and packed weights of block-quantized products, for quantized_matmul.cpp alone.

#define INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

constexpr int kRows = 8;
constexpr int kPanels = 2;
constexpr int kTokens = 4;
constexpr int kBytesTile = 32 * kTokens + 8 * kTokens;
constexpr int kWordsTile = 64 * kTokens + 4 * kTokens;
constexpr int kBytesPanel = 256 + 64;
constexpr int kWordsPanel = 512 + 32;
constexpr int kVectorBlock = 72;
constexpr float kByteLimit = 127.0f;
constexpr float kWordLimit = 16256.0f;  // 127 · 128: the upper seven bits of it are an int8 again

INLINE __m256i load_line(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
INLINE void store_line(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
}
INLINE __m256i load_bytes_wide(const uint8_t* from) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}
INLINE __m256i broadcast_quad(const uint8_t* from) {
  int32_t value;
  memcpy(&value, from, 4);
  return _mm256_set1_epi32(value);
}
INLINE __m256 load_half(const uint8_t* from) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
INLINE __m256 broadcast_float(const uint8_t* from) {
  return _mm256_broadcast_ss(reinterpret_cast<const float*>(from));
}
/// Hides how a sum came about, or the compiler reassociates integer sums into trees, which spills.
INLINE __m256i keep_order(__m256i value) {
  asm("" : "+x"(value));
  return value;
}
INLINE void store_float(uint8_t* to, float value) {
  memcpy(to, &value, 4);
}

// Activations.

/// The largest magnitude of 32 floats; NaN where there is one, since its bits compare greatest.
INLINE float largest_magnitude(const float* from) {
  const __m256i mask = _mm256_set1_epi32(0x7fffffff);
  __m256i a = _mm256_and_si256(load_line(from), mask);
  for (int i = 1; i < 4; i++) a = _mm256_max_epi32(a, _mm256_and_si256(load_line(from + 8 * i), mask));
  __m128i b = _mm_max_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  b = _mm_max_epi32(b, _mm_shuffle_epi32(b, 0x4e));
  b = _mm_max_epi32(b, _mm_shuffle_epi32(b, 0xb1));
  return _mm_cvtss_f32(_mm_castsi128_ps(b));
}

INLINE int32_t horizontal_sum(__m256i value) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

/// Quantizes 32 floats to ±limit, nearest.
INLINE float quantize_block(const float* from, float limit, __m256i quants[4]) {
  const float magnitude = largest_magnitude(from);
  // Below that the reciprocal overflows; such a block is zero in all but name.
  const float inverse = magnitude > 1e-34f ? limit / magnitude : 0.0f;
  const __m256 factor = _mm256_set1_ps(inverse);
  for (int i = 0; i < 4; i++) quants[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(from + 8 * i), factor));
  return magnitude / limit;
}

/// Four vectors of 8 int32 to 32 int8 in their order.
INLINE __m256i narrow_to_bytes(const __m256i from[4]) {
  const __m256i low = _mm256_packs_epi32(from[0], from[1]);
  const __m256i high = _mm256_packs_epi32(from[2], from[3]);
  return _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/// Sixteen pairs of int16, (0,2) (1,3) of each quad of elements: as the even and odd bytes of a line of weights.
INLINE void narrow_to_words(const __m256i from[4], __m256i words[2]) {
  const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15,  //
                                         0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
  for (int i = 0; i < 2; i++) {
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(from[2 * i], from[2 * i + 1]), 0xd8);
    words[i] = _mm256_shuffle_epi8(packed, order);
  }
}

INLINE __m256i sum_of(const __m256i quants[4]) {
  return _mm256_add_epi32(_mm256_add_epi32(quants[0], quants[1]), _mm256_add_epi32(quants[2], quants[3]));
}

void quantize(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  alignas(32) uint8_t lines[64];
  __m256i quants[4];
  for (int64_t block = 0; block < blocks; block++, row += 32) {
    if (form == ActivationForm::bytes) {
      const float scale = quantize_block(row, kByteLimit, quants);
      store_line(lines, narrow_to_bytes(quants));
      for (int i = 0; i < 8; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      uint8_t* scales = tile + 32 * kTokens + 4 * lane;
      store_float(scales, scale);
      store_float(scales + 4 * kTokens, scale * static_cast<float>(horizontal_sum(sum_of(quants))));
      tile += kBytesTile;
    } else {
      __m256i words[2];
      const float scale = quantize_block(row, kWordLimit, quants);
      narrow_to_words(quants, words);
      store_line(lines, words[0]);
      store_line(lines + 32, words[1]);
      for (int i = 0; i < 16; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      store_float(tile + 64 * kTokens + 4 * lane, scale);
      tile += kWordsTile;
    }
  }
}

/// 4-bit weights: 32 bytes of upper and 32 of lower parts, scale, scale · sum. Others: 16 pairs, scale, −128 · sum.
void quantize_vector(BlockFormat format, const float* row, int64_t blocks, uint8_t* to) {
  const bool nibbles = format == BlockFormat::q4_0 || format == BlockFormat::q4_1 || format == BlockFormat::q4_k;
  __m256i quants[4];
  __m256i parts[4];
  for (int64_t block = 0; block < blocks; block++, row += 32, to += kVectorBlock) {
    const float scale = quantize_block(row, kWordLimit, quants);
    const int32_t sum = horizontal_sum(sum_of(quants));
    store_float(to + 64, scale);
    if (nibbles) {
      const __m256i half = _mm256_set1_epi32(64);
      for (int i = 0; i < 4; i++) parts[i] = _mm256_srai_epi32(_mm256_add_epi32(quants[i], half), 7);
      store_line(to, narrow_to_bytes(parts));
      for (int i = 0; i < 4; i++) parts[i] = _mm256_sub_epi32(quants[i], _mm256_slli_epi32(parts[i], 7));
      store_line(to + 32, narrow_to_bytes(parts));
      store_float(to + 68, scale * static_cast<float>(sum));
    } else {
      narrow_to_words(quants, parts);
      store_line(to, parts[0]);
      store_line(to + 32, parts[1]);
      const int32_t offset = -128 * sum;
      memcpy(to + 68, &offset, 4);
    }
  }
}

// Packed weights.

/// Where a block of 32 and its scales lie in a packed panel of 4-bit weights.
template <BlockFormat format>
struct Nibbles {
  const uint8_t* lines;
  __m256 scale;
  __m256 minimum;

  INLINE int64_t bytes(int64_t blocks) {
    if (format == BlockFormat::q4_0) return blocks * 144;
    if (format == BlockFormat::q4_1) return blocks * 160;
    return blocks / 8 * 1184;
  }
  INLINE Nibbles at(const uint8_t* panel, int64_t block) {
    Nibbles result;
    if (format == BlockFormat::q4_k) {
      const uint8_t* super = panel + (block >> 3) * 1184;
      result.lines = super + (block & 7) * 144;
      const __m256 quant = _mm256_cvtepi32_ps(load_bytes_wide(result.lines + 128));
      const __m256 least = _mm256_cvtepi32_ps(load_bytes_wide(result.lines + 136));
      result.scale = _mm256_mul_ps(load_half(super + 1152), quant);
      result.minimum = _mm256_mul_ps(load_half(super + 1168), least);
    } else {
      result.lines = panel + bytes(1) * block;
      result.scale = load_half(result.lines + 128);
      if (format == BlockFormat::q4_1) {
        result.minimum = load_half(result.lines + 144);
      } else {
        result.minimum = _mm256_mul_ps(result.scale, _mm256_set1_ps(-8.0f));
      }
    }
    return result;
  }
};

template <BlockFormat format>
INLINE void expand_nibbles(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                           uint8_t* to) {
  const __m256i mask = _mm256_set1_epi8(15);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kBytesPanel) {
      const auto from = Nibbles<format>::at(packed + panel * panel_bytes, block);
      for (int i = 0; i < 4; i++) {
        const __m256i line = load_line(from.lines + 32 * i);
        store_line(to + 64 * i, _mm256_and_si256(line, mask));
        store_line(to + 64 * i + 32, _mm256_and_si256(_mm256_srli_epi16(line, 4), mask));
      }
      _mm256_storeu_ps(reinterpret_cast<float*>(to + 256), from.scale);
      _mm256_storeu_ps(reinterpret_cast<float*>(to + 288), from.minimum);
    }
  }
}

INLINE void expand_bytes(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                         uint8_t* to) {
  const __m256i low = _mm256_set1_epi16(255);
  const __m256i offset = _mm256_set1_epi16(128);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* from = packed + panel * panel_bytes + block * 272;
      for (int i = 0; i < 8; i++) {
        const __m256i line = load_line(from + 32 * i);
        store_line(to + 64 * i, _mm256_sub_epi16(_mm256_and_si256(line, low), offset));
        store_line(to + 64 * i + 32, _mm256_sub_epi16(_mm256_srli_epi16(line, 8), offset));
      }
      _mm256_storeu_ps(reinterpret_cast<float*>(to + 512), load_half(from + 256));
    }
  }
}

/// The 6-bit quants (0…63) of quads 2j and 2j+1 of a block of q6_k.
INLINE void six_bits(const uint8_t* block, int j, __m256i& first, __m256i& second) {
  const __m256i line = load_line(block + 32 * j);
  const __m256i high = _mm256_srl_epi16(load_line(block + 128 + 32 * (j >> 1)), _mm_cvtsi32_si128(4 * (j & 1)));
  const __m256i four = _mm256_set1_epi8(15);
  const __m256i upper = _mm256_set1_epi8(0x30);
  first = _mm256_or_si256(_mm256_and_si256(line, four), _mm256_and_si256(_mm256_slli_epi16(high, 4), upper));
  second = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(line, 4), four),
                           _mm256_and_si256(_mm256_slli_epi16(high, 2), upper));
}

INLINE void expand_six(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                       uint8_t* to) {
  const __m256i low = _mm256_set1_epi16(255);
  const __m256i offset = _mm256_set1_epi16(32);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* super = packed + panel * panel_bytes + (block >> 3) * 1680;
      const uint8_t* from = super + (block & 7) * 208;
      for (int j = 0; j < 4; j++) {
        const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + 192 + 8 * (j >> 1)));
        const __m256i wide = _mm256_cvtepi8_epi32(bytes);
        const __m256i scale =
            _mm256_or_si256(_mm256_and_si256(wide, _mm256_set1_epi32(0xffff)), _mm256_slli_epi32(wide, 16));
        __m256i quads[2];
        six_bits(from, j, quads[0], quads[1]);
        for (int i = 0; i < 2; i++) {
          const __m256i even = _mm256_sub_epi16(_mm256_and_si256(quads[i], low), offset);
          const __m256i odd = _mm256_sub_epi16(_mm256_srli_epi16(quads[i], 8), offset);
          store_line(to + 128 * j + 64 * i, _mm256_mullo_epi16(even, scale));
          store_line(to + 128 * j + 64 * i + 32, _mm256_mullo_epi16(odd, scale));
        }
      }
      _mm256_storeu_ps(reinterpret_cast<float*>(to + 512), load_half(super + 1664));
    }
  }
}

void expand(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first,
            int64_t blocks, uint8_t* to) {
  switch (format) {
    case BlockFormat::q4_0:
      return expand_nibbles<BlockFormat::q4_0>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q4_1:
      return expand_nibbles<BlockFormat::q4_1>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q4_k:
      return expand_nibbles<BlockFormat::q4_k>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q8_0:
      return expand_bytes(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q6_k:
      return expand_six(packed, panel_bytes, count, first, blocks, to);
  }
}

}  // namespace
}  // namespace halyard::cpu
