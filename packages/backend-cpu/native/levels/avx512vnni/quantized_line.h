#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

// See shared/quantized_blocks.h.

#define INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

INLINE __m512i load_line(const void* from) {
  return _mm512_loadu_si512(from);
}
INLINE void store_line(void* to, __m512i value) {
  _mm512_storeu_si512(to, value);
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

struct Line {
  static constexpr int rows = 16;
  static constexpr int tokens = 12;
  using Integers = __m512i;
  using Reals = __m512;

  INLINE Integers load(const void* from) { return load_line(from); }
  INLINE void store(void* to, Integers value) { store_line(to, value); }
  /// Two quads of elements, as `multiply` wants them.
  INLINE void store_quads(uint8_t* to, Integers first, Integers second) {
    store(to, first);
    store(to + 64, second);
  }
  INLINE Integers fill_bytes(int8_t value) { return _mm512_set1_epi8(value); }
  INLINE Integers flip_signs(Integers a) { return _mm512_xor_si512(a, _mm512_set1_epi8(-128)); }
  INLINE Integers sub_bytes(Integers a, Integers b) { return _mm512_sub_epi8(a, b); }
  INLINE Integers fill_words(int16_t value) { return _mm512_set1_epi16(value); }
  INLINE Integers low_nibbles(Integers a) { return _mm512_and_si512(a, _mm512_set1_epi8(15)); }
  INLINE Integers high_nibbles(Integers a) { return low_nibbles(_mm512_srli_epi16(a, 4)); }
  /// Bits 4 and 5 of each byte.
  INLINE Integers upper_two(Integers a) { return _mm512_and_si512(a, _mm512_set1_epi8(0x30)); }
  INLINE Integers either(Integers a, Integers b) { return _mm512_or_si512(a, b); }
  INLINE Integers even_bytes(Integers a) { return _mm512_and_si512(a, _mm512_set1_epi16(255)); }
  INLINE Integers odd_bytes(Integers a) { return _mm512_srli_epi16(a, 8); }
  INLINE Integers sub_words(Integers a, Integers b) { return _mm512_sub_epi16(a, b); }
  INLINE Integers mul_words(Integers a, Integers b) { return _mm512_mullo_epi16(a, b); }
  INLINE Integers shift_words_right(Integers a, int bits) { return _mm512_srl_epi16(a, _mm_cvtsi32_si128(bits)); }
  template <int bits>
  INLINE Integers shift_words_left(Integers a) {
    return _mm512_slli_epi16(a, bits);
  }
  /// An int8 for each row, in both words of its lane.
  INLINE Integers widen_signed_twice(const uint8_t* from) {
    const __m512i wide = _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return _mm512_or_si512(_mm512_and_si512(wide, _mm512_set1_epi32(0xffff)), _mm512_slli_epi32(wide, 16));
  }

  INLINE Reals load_half(const uint8_t* from) { return cpu::load_half(from); }
  INLINE Reals widen_unsigned(const uint8_t* from) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  INLINE Reals widen_signed(const uint8_t* from) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  INLINE Reals fill(float value) { return _mm512_set1_ps(value); }
  INLINE Reals mul(Reals a, Reals b) { return _mm512_mul_ps(a, b); }
  INLINE void store_reals(uint8_t* to, Reals value) { _mm512_storeu_ps(reinterpret_cast<float*>(to), value); }

  /// The largest magnitude of 32 floats; NaN where there is one, since its bits compare greatest.
  INLINE float largest_magnitude(const float* from) {
    const __m512i mask = _mm512_set1_epi32(0x7fffffff);
    const __m512i greatest =
        _mm512_max_epi32(_mm512_and_si512(load_line(from), mask), _mm512_and_si512(load_line(from + 16), mask));
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(greatest))));
  }
  INLINE Integers scale_and_round(const float* from, float factor) {
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(from), _mm512_set1_ps(factor)));
  }
  INLINE int32_t sum_of(const Integers quants[2]) {
    return _mm512_reduce_add_epi32(_mm512_add_epi32(quants[0], quants[1]));
  }
  INLINE Integers upper_seven(Integers quants) {
    return _mm512_srai_epi32(_mm512_add_epi32(quants, _mm512_set1_epi32(64)), 7);
  }
  INLINE Integers lower_seven(Integers quants, Integers upper) {
    return _mm512_sub_epi32(quants, _mm512_slli_epi32(upper, 7));
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
};

}  // namespace
}  // namespace halyard::cpu
