#pragma once

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

// See shared/quantized_blocks.h.

#define INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

/// A line is two vectors of four rows. Levels derive their `Line` from it.
struct NeonLine {
  static constexpr int rows = 8;
  static constexpr int tokens = 4;
  struct Integers {
    uint8x16_t low;
    uint8x16_t high;
  };
  using Reals = float32x4x2_t;

  INLINE Integers load(const void* from) {
    const auto* bytes = static_cast<const uint8_t*>(from);
    return {vld1q_u8(bytes), vld1q_u8(bytes + 16)};
  }
  INLINE void store(void* to, Integers value) {
    auto* bytes = static_cast<uint8_t*>(to);
    vst1q_u8(bytes, value.low);
    vst1q_u8(bytes + 16, value.high);
  }
  INLINE Integers fill_bytes(int8_t value) {
    const uint8x16_t all = vreinterpretq_u8_s8(vdupq_n_s8(value));
    return {all, all};
  }
  INLINE Integers low_nibbles(Integers a) {
    return {vandq_u8(a.low, vdupq_n_u8(15)), vandq_u8(a.high, vdupq_n_u8(15))};
  }
  INLINE Integers high_nibbles(Integers a) { return {vshrq_n_u8(a.low, 4), vshrq_n_u8(a.high, 4)}; }
  /// Bits 4 and 5 of each byte.
  INLINE Integers upper_two(Integers a) {
    return {vandq_u8(a.low, vdupq_n_u8(0x30)), vandq_u8(a.high, vdupq_n_u8(0x30))};
  }
  INLINE Integers either(Integers a, Integers b) { return {vorrq_u8(a.low, b.low), vorrq_u8(a.high, b.high)}; }
  INLINE Integers flip_signs(Integers a) {
    return {veorq_u8(a.low, vdupq_n_u8(0x80)), veorq_u8(a.high, vdupq_n_u8(0x80))};
  }
  INLINE Integers sub_bytes(Integers a, Integers b) { return {vsubq_u8(a.low, b.low), vsubq_u8(a.high, b.high)}; }
  INLINE Integers shift_words_right(Integers a, int bits) {
    const int16x8_t by = vdupq_n_s16(static_cast<int16_t>(-bits));
    return {vreinterpretq_u8_u16(vshlq_u16(vreinterpretq_u16_u8(a.low), by)),
            vreinterpretq_u8_u16(vshlq_u16(vreinterpretq_u16_u8(a.high), by))};
  }
  template <int bits>
  INLINE Integers shift_words_left(Integers a) {
    return {vreinterpretq_u8_u16(vshlq_n_u16(vreinterpretq_u16_u8(a.low), bits)),
            vreinterpretq_u8_u16(vshlq_n_u16(vreinterpretq_u16_u8(a.high), bits))};
  }

  INLINE Reals load_half(const uint8_t* from) {
    const float16x8_t halves = vreinterpretq_f16_u8(vld1q_u8(from));
    return {{vcvt_f32_f16(vget_low_f16(halves)), vcvt_high_f32_f16(halves)}};
  }
  INLINE Reals widen_unsigned(const uint8_t* from) {
    const uint16x8_t wide = vmovl_u8(vld1_u8(from));
    return {{vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide))), vcvtq_f32_u32(vmovl_high_u16(wide))}};
  }
  INLINE Reals widen_signed(const uint8_t* from) {
    const int16x8_t wide = vmovl_s8(vreinterpret_s8_u8(vld1_u8(from)));
    return {{vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide))), vcvtq_f32_s32(vmovl_high_s16(wide))}};
  }
  INLINE Reals fill(float value) { return {{vdupq_n_f32(value), vdupq_n_f32(value)}}; }
  INLINE Reals mul(Reals a, Reals b) { return {{vmulq_f32(a.val[0], b.val[0]), vmulq_f32(a.val[1], b.val[1])}}; }
  INLINE void store_reals(uint8_t* to, Reals value) {
    vst1q_f32(reinterpret_cast<float*>(to), value.val[0]);
    vst1q_f32(reinterpret_cast<float*>(to) + 4, value.val[1]);
  }

  /// The largest magnitude of 32 floats; NaN where there is one, since its bits compare greatest.
  INLINE float largest_magnitude(const float* from) {
    uint32x4_t greatest = vdupq_n_u32(0);
    for (int i = 0; i < 32; i += 4) {
      greatest = vmaxq_u32(greatest, vandq_u32(vreinterpretq_u32_f32(vld1q_f32(from + i)), vdupq_n_u32(0x7fffffff)));
    }
    const uint32_t bits = vmaxvq_u32(greatest);
    float result;
    memcpy(&result, &bits, 4);
    return result;
  }
  // Quants are eight int32 in an `Integers`.
  INLINE Integers scale_and_round(const float* from, float factor) {
    return {vreinterpretq_u8_s32(vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(from), factor))),
            vreinterpretq_u8_s32(vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(from + 4), factor)))};
  }
  INLINE int32_t sum_of(const Integers quants[4]) {
    int32x4_t sum = vdupq_n_s32(0);
    for (int i = 0; i < 4; i++) {
      sum = vaddq_s32(sum, vaddq_s32(vreinterpretq_s32_u8(quants[i].low), vreinterpretq_s32_u8(quants[i].high)));
    }
    return vaddvq_s32(sum);
  }
  INLINE Integers upper_seven(Integers quants) {
    return {vreinterpretq_u8_s32(vrshrq_n_s32(vreinterpretq_s32_u8(quants.low), 7)),
            vreinterpretq_u8_s32(vrshrq_n_s32(vreinterpretq_s32_u8(quants.high), 7))};
  }
  INLINE Integers lower_seven(Integers quants, Integers upper) {
    return {vreinterpretq_u8_s32(vmlsq_n_s32(vreinterpretq_s32_u8(quants.low), vreinterpretq_s32_u8(upper.low), 128)),
            vreinterpretq_u8_s32(vmlsq_n_s32(vreinterpretq_s32_u8(quants.high), vreinterpretq_s32_u8(upper.high), 128))};
  }
  INLINE void store_bytes(uint8_t* to, const Integers from[4]) {
    for (int i = 0; i < 4; i++) {
      const int16x4_t low = vqmovn_s32(vreinterpretq_s32_u8(from[i].low));
      const int16x8_t both = vqmovn_high_s32(low, vreinterpretq_s32_u8(from[i].high));
      vst1_s8(reinterpret_cast<int8_t*>(to) + 8 * i, vqmovn_s16(both));
    }
  }
};

}  // namespace
}  // namespace halyard::cpu
