#pragma once

#include <immintrin.h>
#include <stdint.h>

// Vectors of float32 for kernels that are written once for all instruction sets (levels/shared). Internal to the file
// that includes it: nothing here may be seen by the linker.

#define HALYARD_INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

struct Floats {
  static constexpr int width = 8;
  /// Vectors beside each other in a packed panel, rows of the tallest tile, and the same for few rows.
  static constexpr int panel_vectors = 2;
  static constexpr int tile_rows = 6;
  static constexpr int wide_vectors = 6;
  static constexpr int wide_rows = 2;
  using Vector = __m256;

  HALYARD_INLINE Vector zero() { return _mm256_setzero_ps(); }
  HALYARD_INLINE Vector broadcast(float value) { return _mm256_set1_ps(value); }
  HALYARD_INLINE Vector load(const float* from) { return _mm256_loadu_ps(from); }
  HALYARD_INLINE void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
  HALYARD_INLINE Vector load_half(const uint16_t* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  HALYARD_INLINE Vector load_brain(const uint16_t* from) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
  }
  HALYARD_INLINE float widen_half(uint16_t bits) { return _cvtsh_ss(bits); }
  HALYARD_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  HALYARD_INLINE Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
  HALYARD_INLINE Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
  HALYARD_INLINE Vector mul(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
  /// `b` where one is NaN.
  HALYARD_INLINE Vector max(Vector a, Vector b) { return _mm256_max_ps(a, b); }
  HALYARD_INLINE Vector round(Vector a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  /// a · 2^n for whole n in [−126, 127].
  HALYARD_INLINE Vector times_power(Vector a, Vector n) {
    const __m256i bits = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(a, _mm256_castsi256_ps(bits));
  }
  /// `value`, with 0 where `test` is below `bound`.
  HALYARD_INLINE Vector zero_below(Vector value, Vector test, Vector bound) {
    return _mm256_andnot_ps(_mm256_cmp_ps(test, bound, _CMP_LT_OQ), value);
  }
  HALYARD_INLINE float sum(Vector a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  HALYARD_INLINE float largest(Vector a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
  }
  /// Rows and columns of `width` vectors change places.
  HALYARD_INLINE void transpose(Vector v[8]) {
    Vector a[8];
    for (int i = 0; i < 4; i++) {
      a[2 * i] = _mm256_unpacklo_ps(v[2 * i], v[2 * i + 1]);
      a[2 * i + 1] = _mm256_unpackhi_ps(v[2 * i], v[2 * i + 1]);
    }
    Vector b[8];
    for (int i = 0; i < 2; i++) {
      b[4 * i] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0x44);
      b[4 * i + 1] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0xee);
      b[4 * i + 2] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0x44);
      b[4 * i + 3] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
      v[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
      v[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
    }
  }
  HALYARD_INLINE void prefetch(const void* from) { _mm_prefetch(static_cast<const char*>(from), _MM_HINT_T0); }
};

}  // namespace
}  // namespace halyard::cpu
