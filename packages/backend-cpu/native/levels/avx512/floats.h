#pragma once

#include <immintrin.h>
#include <stdint.h>

// See levels/avx2/floats.h.

#define HALYARD_INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

struct Floats {
  static constexpr int width = 16;
  static constexpr int panel_vectors = 2;
  static constexpr int tile_rows = 14;
  static constexpr int wide_vectors = 8;
  static constexpr int wide_rows = 3;
  using Vector = __m512;

  HALYARD_INLINE Vector zero() { return _mm512_setzero_ps(); }
  HALYARD_INLINE Vector broadcast(float value) { return _mm512_set1_ps(value); }
  HALYARD_INLINE Vector load(const float* from) { return _mm512_loadu_ps(from); }
  HALYARD_INLINE void store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
  HALYARD_INLINE Vector load_half(const uint16_t* from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  }
  HALYARD_INLINE Vector load_brain(const uint16_t* from) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
  }
  HALYARD_INLINE float widen_half(uint16_t bits) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits))); }
  HALYARD_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  HALYARD_INLINE Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
  HALYARD_INLINE Vector sub(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
  HALYARD_INLINE Vector mul(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
  HALYARD_INLINE Vector max(Vector a, Vector b) { return _mm512_max_ps(a, b); }
  HALYARD_INLINE Vector round(Vector a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT); }
  HALYARD_INLINE Vector times_power(Vector a, Vector n) { return _mm512_scalef_ps(a, n); }
  HALYARD_INLINE Vector zero_below(Vector value, Vector test, Vector bound) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(test, bound, _CMP_NLT_UQ), value);
  }
  HALYARD_INLINE float sum(Vector a) { return _mm512_reduce_add_ps(a); }
  HALYARD_INLINE float largest(Vector a) { return _mm512_reduce_max_ps(a); }
  HALYARD_INLINE void transpose(Vector v[16]) {
    Vector a[16];
    for (int i = 0; i < 8; i++) {
      a[2 * i] = _mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]);
      a[2 * i + 1] = _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
      v[4 * i] = _mm512_shuffle_ps(a[4 * i], a[4 * i + 2], 0x44);
      v[4 * i + 1] = _mm512_shuffle_ps(a[4 * i], a[4 * i + 2], 0xee);
      v[4 * i + 2] = _mm512_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0x44);
      v[4 * i + 3] = _mm512_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0xee);
    }
    // v[4r + c] now holds column c of each 128-bit lane for rows 4r … 4r + 3; lanes are the columns 4l + c.
    for (int c = 0; c < 4; c++) {
      const Vector low01 = _mm512_shuffle_f32x4(v[c], v[4 + c], 0x88);
      const Vector high01 = _mm512_shuffle_f32x4(v[c], v[4 + c], 0xdd);
      const Vector low23 = _mm512_shuffle_f32x4(v[8 + c], v[12 + c], 0x88);
      const Vector high23 = _mm512_shuffle_f32x4(v[8 + c], v[12 + c], 0xdd);
      a[c] = _mm512_shuffle_f32x4(low01, low23, 0x88);
      a[8 + c] = _mm512_shuffle_f32x4(low01, low23, 0xdd);
      a[4 + c] = _mm512_shuffle_f32x4(high01, high23, 0x88);
      a[12 + c] = _mm512_shuffle_f32x4(high01, high23, 0xdd);
    }
    for (int i = 0; i < 16; i++) v[i] = a[i];
  }
  HALYARD_INLINE void prefetch(const void* from) { _mm_prefetch(static_cast<const char*>(from), _MM_HINT_T0); }
};

}  // namespace
}  // namespace halyard::cpu
