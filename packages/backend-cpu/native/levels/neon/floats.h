#pragma once

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

// See levels/avx2/floats.h.

#define HALYARD_INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

struct Floats {
  static constexpr int width = 4;
  static constexpr int panel_vectors = 4;
  static constexpr int tile_rows = 6;
  static constexpr int wide_vectors = 8;
  static constexpr int wide_rows = 3;
  using Vector = float32x4_t;

  HALYARD_INLINE Vector zero() { return vdupq_n_f32(0.0f); }
  HALYARD_INLINE Vector broadcast(float value) { return vdupq_n_f32(value); }
  HALYARD_INLINE Vector load(const float* from) { return vld1q_f32(from); }
  HALYARD_INLINE void store(float* to, Vector value) { vst1q_f32(to, value); }
  HALYARD_INLINE Vector load_half(const uint16_t* from) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from))); }
  HALYARD_INLINE Vector load_brain(const uint16_t* from) {
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from), 16));
  }
  HALYARD_INLINE float widen_half(uint16_t bits) {
    return vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(bits))), 0);
  }
  HALYARD_INLINE Vector fma(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
  HALYARD_INLINE Vector add(Vector a, Vector b) { return vaddq_f32(a, b); }
  HALYARD_INLINE Vector sub(Vector a, Vector b) { return vsubq_f32(a, b); }
  HALYARD_INLINE Vector mul(Vector a, Vector b) { return vmulq_f32(a, b); }
  HALYARD_INLINE Vector max(Vector a, Vector b) { return vmaxq_f32(a, b); }
  HALYARD_INLINE Vector round(Vector a) { return vrndnq_f32(a); }
  HALYARD_INLINE Vector times_power(Vector a, Vector n) {
    const int32x4_t bits = vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23);
    return vmulq_f32(a, vreinterpretq_f32_s32(bits));
  }
  HALYARD_INLINE Vector zero_below(Vector value, Vector test, Vector bound) {
    return vbslq_f32(vcltq_f32(test, bound), zero(), value);
  }
  HALYARD_INLINE float sum(Vector a) { return vaddvq_f32(a); }
  HALYARD_INLINE float largest(Vector a) { return vmaxvq_f32(a); }
  HALYARD_INLINE void transpose(Vector v[4]) {
    const float32x4x2_t a = vtrnq_f32(v[0], v[1]);
    const float32x4x2_t b = vtrnq_f32(v[2], v[3]);
    v[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    v[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    v[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    v[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
  }
  HALYARD_INLINE void prefetch(const void* from) { __builtin_prefetch(from); }
};

}  // namespace
}  // namespace halyard::cpu
