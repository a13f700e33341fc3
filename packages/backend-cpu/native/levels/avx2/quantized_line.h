#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

// See shared/quantized_blocks.h.

#define INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

INLINE __m256i load_line(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
INLINE void store_line(void* to, __m256i value) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), value);
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

struct Line {
  static constexpr int rows = 8;
  static constexpr int tokens = 4;
  using Integers = __m256i;
  using Reals = __m256;

  INLINE Integers load(const void* from) { return load_line(from); }
  INLINE void store(void* to, Integers value) { store_line(to, value); }
  /// Two quads of elements, as `multiply` wants them.
  INLINE void store_quads(uint8_t* to, Integers first, Integers second) {
    store(to, first);
    store(to + 32, second);
  }
  INLINE Integers fill_words(int16_t value) { return _mm256_set1_epi16(value); }
  INLINE Integers low_nibbles(Integers a) { return _mm256_and_si256(a, _mm256_set1_epi8(15)); }
  INLINE Integers high_nibbles(Integers a) { return low_nibbles(_mm256_srli_epi16(a, 4)); }
  /// Bits 4 and 5 of each byte.
  INLINE Integers upper_two(Integers a) { return _mm256_and_si256(a, _mm256_set1_epi8(0x30)); }
  INLINE Integers either(Integers a, Integers b) { return _mm256_or_si256(a, b); }
  INLINE Integers even_bytes(Integers a) { return _mm256_and_si256(a, _mm256_set1_epi16(255)); }
  INLINE Integers odd_bytes(Integers a) { return _mm256_srli_epi16(a, 8); }
  INLINE Integers sub_words(Integers a, Integers b) { return _mm256_sub_epi16(a, b); }
  INLINE Integers mul_words(Integers a, Integers b) { return _mm256_mullo_epi16(a, b); }
  INLINE Integers shift_words_right(Integers a, int bits) { return _mm256_srl_epi16(a, _mm_cvtsi32_si128(bits)); }
  template <int bits>
  INLINE Integers shift_words_left(Integers a) {
    return _mm256_slli_epi16(a, bits);
  }
  /// An int8 for each row, in both words of its lane.
  INLINE Integers widen_signed_twice(const uint8_t* from) {
    const __m256i wide = _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
    return _mm256_or_si256(_mm256_and_si256(wide, _mm256_set1_epi32(0xffff)), _mm256_slli_epi32(wide, 16));
  }

  INLINE Reals load_half(const uint8_t* from) { return cpu::load_half(from); }
  INLINE Reals widen_unsigned(const uint8_t* from) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
  }
  INLINE Reals fill(float value) { return _mm256_set1_ps(value); }
  INLINE Reals mul(Reals a, Reals b) { return _mm256_mul_ps(a, b); }
  INLINE void store_reals(uint8_t* to, Reals value) { _mm256_storeu_ps(reinterpret_cast<float*>(to), value); }

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

  INLINE Integers scale_and_round(const float* from, float factor) {
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(from), _mm256_set1_ps(factor)));
  }
  INLINE int32_t sum_of(const Integers quants[4]) {
    const __m256i all =
        _mm256_add_epi32(_mm256_add_epi32(quants[0], quants[1]), _mm256_add_epi32(quants[2], quants[3]));
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return _mm_cvtsi128_si32(sum);
  }
  INLINE Integers upper_seven(Integers quants) {
    return _mm256_srai_epi32(_mm256_add_epi32(quants, _mm256_set1_epi32(64)), 7);
  }
  INLINE Integers lower_seven(Integers quants, Integers upper) {
    return _mm256_sub_epi32(quants, _mm256_slli_epi32(upper, 7));
  }
  /// Four vectors of 8 int32 to 32 int8 in their order.
  INLINE void store_bytes(uint8_t* to, const Integers from[4]) {
    const __m256i low = _mm256_packs_epi32(from[0], from[1]);
    const __m256i high = _mm256_packs_epi32(from[2], from[3]);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    store_line(to, _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order));
  }
  /// Sixteen pairs of int16, (0,2) (1,3) of each quad of elements: as the even and odd bytes of a line of weights.
  INLINE void store_words(uint8_t* to, const Integers from[4]) {
    const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15,  //
                                           0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
    for (int i = 0; i < 2; i++) {
      const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(from[2 * i], from[2 * i + 1]), 0xd8);
      store_line(to + 32 * i, _mm256_shuffle_epi8(packed, order));
    }
  }
};

}  // namespace
}  // namespace halyard::cpu
