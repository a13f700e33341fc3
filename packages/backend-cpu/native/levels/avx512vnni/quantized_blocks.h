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

constexpr int kRows = 16;
constexpr int kTokens = 12;
constexpr int kBytesTile = 32 * kTokens + 8 * kTokens;
constexpr int kWordsTile = 64 * kTokens + 4 * kTokens;
constexpr int kBytesPanel = 512 + 128;
constexpr int kWordsPanel = 1024 + 64;
constexpr int kVectorBlock = 72;
constexpr float kByteLimit = 127.0f;
constexpr float kWordLimit = 16256.0f;  // 127 · 128: the upper seven bits of it are an int8 again

INLINE __m512i load_line(const void* from) {
  return _mm512_loadu_si512(from);
}
INLINE void store_line(void* to, __m512i value) {
  _mm512_storeu_si512(to, value);
}
INLINE __m512i load_bytes_wide(const uint8_t* from) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
INLINE __m512i broadcast_quad(const uint8_t* from) {
  int32_t value;
  memcpy(&value, from, 4);
  return _mm512_set1_epi32(value);
}
INLINE __m512 load_half(const uint8_t* from) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
INLINE __m512 broadcast_float(const uint8_t* from) {
  float value;
  memcpy(&value, from, 4);
  return _mm512_set1_ps(value);
}
INLINE void store_float(uint8_t* to, float value) {
  memcpy(to, &value, 4);
}

// Activations.

/// The largest magnitude of 32 floats; NaN where there is one, since its bits compare greatest.
INLINE float largest_magnitude(__m512 a, __m512 b) {
  const __m512i mask = _mm512_set1_epi32(0x7fffffff);
  const __m512i greatest =
      _mm512_max_epi32(_mm512_and_si512(_mm512_castps_si512(a), mask), _mm512_and_si512(_mm512_castps_si512(b), mask));
  return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(greatest))));
}

/// Quantizes 32 floats to ±limit, nearest.
INLINE float quantize_block(const float* from, float limit, __m512i quants[2]) {
  const __m512 low = _mm512_loadu_ps(from);
  const __m512 high = _mm512_loadu_ps(from + 16);
  const float magnitude = largest_magnitude(low, high);
  // Below that the reciprocal overflows; such a block is zero in all but name.
  const __m512 factor = _mm512_set1_ps(magnitude > 1e-34f ? limit / magnitude : 0.0f);
  quants[0] = _mm512_cvtps_epi32(_mm512_mul_ps(low, factor));
  quants[1] = _mm512_cvtps_epi32(_mm512_mul_ps(high, factor));
  return magnitude / limit;
}

INLINE int32_t sum_of(const __m512i quants[2]) {
  return _mm512_reduce_add_epi32(_mm512_add_epi32(quants[0], quants[1]));
}

INLINE void store_bytes(uint8_t* to, const __m512i from[2]) {
  for (int i = 0; i < 2; i++) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * i), _mm512_cvtsepi32_epi8(from[i]));
  }
}

/// Sixteen pairs of int16, (0,2) (1,3) of each quad of elements: as the even and odd bytes of a line of weights.
INLINE void store_words(uint8_t* to, const __m512i from[2]) {
  const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15,  //
                                         0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
  for (int i = 0; i < 2; i++) {
    const __m256i words = _mm256_shuffle_epi8(_mm512_cvtsepi32_epi16(from[i]), order);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 32 * i), words);
  }
}

void quantize(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  alignas(64) uint8_t lines[64];
  __m512i quants[2];
  for (int64_t block = 0; block < blocks; block++, row += 32) {
    if (form == ActivationForm::bytes) {
      const float scale = quantize_block(row, kByteLimit, quants);
      store_bytes(lines, quants);
      for (int i = 0; i < 8; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      uint8_t* scales = tile + 32 * kTokens + 4 * lane;
      store_float(scales, scale);
      store_float(scales + 4 * kTokens, scale * static_cast<float>(sum_of(quants)));
      tile += kBytesTile;
    } else {
      const float scale = quantize_block(row, kWordLimit, quants);
      store_words(lines, quants);
      for (int i = 0; i < 16; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      store_float(tile + 64 * kTokens + 4 * lane, scale);
      tile += kWordsTile;
    }
  }
}

/// 4-bit weights: 32 bytes of upper and 32 of lower parts, scale, scale · sum. Others: 16 pairs, scale, −128 · sum.
void quantize_vector(BlockFormat format, const float* row, int64_t blocks, uint8_t* to) {
  const bool nibbles = format == BlockFormat::q4_0 || format == BlockFormat::q4_1 || format == BlockFormat::q4_k;
  __m512i quants[2];
  __m512i parts[2];
  for (int64_t block = 0; block < blocks; block++, row += 32, to += kVectorBlock) {
    const float scale = quantize_block(row, kWordLimit, quants);
    const int32_t sum = sum_of(quants);
    store_float(to + 64, scale);
    if (nibbles) {
      for (int i = 0; i < 2; i++) parts[i] = _mm512_srai_epi32(_mm512_add_epi32(quants[i], _mm512_set1_epi32(64)), 7);
      store_bytes(to, parts);
      for (int i = 0; i < 2; i++) parts[i] = _mm512_sub_epi32(quants[i], _mm512_slli_epi32(parts[i], 7));
      store_bytes(to + 32, parts);
      store_float(to + 68, scale * static_cast<float>(sum));
    } else {
      store_words(to, quants);
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
  __m512 scale;
  __m512 minimum;

  INLINE int64_t bytes(int64_t blocks) {
    if (format == BlockFormat::q4_0) return blocks * 288;
    if (format == BlockFormat::q4_1) return blocks * 320;
    return blocks / 8 * 2368;
  }
  INLINE Nibbles at(const uint8_t* panel, int64_t block) {
    Nibbles result;
    if (format == BlockFormat::q4_k) {
      const uint8_t* super = panel + (block >> 3) * 2368;
      result.lines = super + (block & 7) * 288;
      const __m512 quant = _mm512_cvtepi32_ps(load_bytes_wide(result.lines + 256));
      const __m512 least = _mm512_cvtepi32_ps(load_bytes_wide(result.lines + 272));
      result.scale = _mm512_mul_ps(load_half(super + 2304), quant);
      result.minimum = _mm512_mul_ps(load_half(super + 2336), least);
    } else {
      result.lines = panel + bytes(1) * block;
      result.scale = load_half(result.lines + 256);
      if (format == BlockFormat::q4_1) {
        result.minimum = load_half(result.lines + 288);
      } else {
        result.minimum = _mm512_mul_ps(result.scale, _mm512_set1_ps(-8.0f));
      }
    }
    return result;
  }
};

template <BlockFormat format>
INLINE void expand_nibbles(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                           uint8_t* to) {
  const __m512i mask = _mm512_set1_epi8(15);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kBytesPanel) {
      const auto from = Nibbles<format>::at(packed + panel * panel_bytes, block);
      for (int i = 0; i < 4; i++) {
        const __m512i line = load_line(from.lines + 64 * i);
        store_line(to + 128 * i, _mm512_and_si512(line, mask));
        store_line(to + 128 * i + 64, _mm512_and_si512(_mm512_srli_epi16(line, 4), mask));
      }
      _mm512_storeu_ps(reinterpret_cast<float*>(to + 512), from.scale);
      _mm512_storeu_ps(reinterpret_cast<float*>(to + 576), from.minimum);
    }
  }
}

INLINE void expand_bytes(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                         uint8_t* to) {
  const __m512i low = _mm512_set1_epi16(255);
  const __m512i offset = _mm512_set1_epi16(128);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* from = packed + panel * panel_bytes + block * 544;
      for (int i = 0; i < 8; i++) {
        const __m512i line = load_line(from + 64 * i);
        store_line(to + 128 * i, _mm512_sub_epi16(_mm512_and_si512(line, low), offset));
        store_line(to + 128 * i + 64, _mm512_sub_epi16(_mm512_srli_epi16(line, 8), offset));
      }
      _mm512_storeu_ps(reinterpret_cast<float*>(to + 1024), load_half(from + 512));
    }
  }
}

/// The 6-bit quants (0…63) of quads 2j and 2j+1 of a block of q6_k.
INLINE void six_bits(const uint8_t* block, int j, __m512i& first, __m512i& second) {
  const __m512i line = load_line(block + 64 * j);
  const __m512i high = _mm512_srl_epi16(load_line(block + 256 + 64 * (j >> 1)), _mm_cvtsi32_si128(4 * (j & 1)));
  const __m512i four = _mm512_set1_epi8(15);
  const __m512i upper = _mm512_set1_epi8(0x30);
  first = _mm512_or_si512(_mm512_and_si512(line, four), _mm512_and_si512(_mm512_slli_epi16(high, 4), upper));
  second = _mm512_or_si512(_mm512_and_si512(_mm512_srli_epi16(line, 4), four),
                           _mm512_and_si512(_mm512_slli_epi16(high, 2), upper));
}

INLINE void expand_six(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                       uint8_t* to) {
  const __m512i low = _mm512_set1_epi16(255);
  const __m512i offset = _mm512_set1_epi16(32);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* super = packed + panel * panel_bytes + (block >> 3) * 3360;
      const uint8_t* from = super + (block & 7) * 416;
      for (int j = 0; j < 4; j++) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 384 + 16 * (j >> 1)));
        const __m512i wide = _mm512_cvtepi8_epi32(bytes);
        const __m512i scale =
            _mm512_or_si512(_mm512_and_si512(wide, _mm512_set1_epi32(0xffff)), _mm512_slli_epi32(wide, 16));
        __m512i quads[2];
        six_bits(from, j, quads[0], quads[1]);
        for (int i = 0; i < 2; i++) {
          const __m512i even = _mm512_sub_epi16(_mm512_and_si512(quads[i], low), offset);
          const __m512i odd = _mm512_sub_epi16(_mm512_srli_epi16(quads[i], 8), offset);
          store_line(to + 256 * j + 128 * i, _mm512_mullo_epi16(even, scale));
          store_line(to + 256 * j + 128 * i + 64, _mm512_mullo_epi16(odd, scale));
        }
      }
      _mm512_storeu_ps(reinterpret_cast<float*>(to + 1024), load_half(super + 3328));
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
