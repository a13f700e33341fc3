// Vectors of the width that the including file is compiled for. Everything is internal to the including file: no symbol
// may be shared between files of different instruction sets.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// Tests emulate AVX-512 on machines without it, see native/test/emulation.
#if defined(__AVX512F__) || defined(HALYARD_EMULATED_AVX512)
#define HALYARD_AVX512
#endif

#if defined(HALYARD_AVX512)
#define HALYARD_VECTOR_BYTES 64
#elif defined(__AVX2__)
#define HALYARD_VECTOR_BYTES 32
#else
#define HALYARD_VECTOR_BYTES 16
#endif

#define HALYARD_INLINE static inline __attribute__((always_inline))

namespace {

typedef float Floats __attribute__((vector_size(HALYARD_VECTOR_BYTES)));
typedef int32_t Ints __attribute__((vector_size(HALYARD_VECTOR_BYTES)));
typedef uint32_t Words __attribute__((vector_size(HALYARD_VECTOR_BYTES)));
typedef float FloatsInMemory __attribute__((vector_size(HALYARD_VECTOR_BYTES), aligned(4), may_alias));
typedef int32_t IntsInMemory __attribute__((vector_size(HALYARD_VECTOR_BYTES), aligned(4), may_alias));

constexpr int lanes = HALYARD_VECTOR_BYTES / 4;

HALYARD_INLINE Floats load(const float* from) { return *reinterpret_cast<const FloatsInMemory*>(from); }
HALYARD_INLINE void store(float* to, Floats value) { *reinterpret_cast<FloatsInMemory*>(to) = value; }
HALYARD_INLINE Ints load(const int32_t* from) { return *reinterpret_cast<const IntsInMemory*>(from); }
HALYARD_INLINE void store(int32_t* to, Ints value) { *reinterpret_cast<IntsInMemory*>(to) = value; }
HALYARD_INLINE Floats splat(float value) { return value - Floats{}; }
HALYARD_INLINE Ints splat(int32_t value) { return value - Ints{}; }
HALYARD_INLINE Floats to_floats(Ints value) { return __builtin_convertvector(value, Floats); }
HALYARD_INLINE Ints bits(Floats value) { return (Ints)value; }
HALYARD_INLINE Floats floats(Ints value) { return (Floats)value; }
HALYARD_INLINE Floats choose(Ints mask, Floats yes, Floats no) { return mask ? yes : no; }
HALYARD_INLINE Ints choose(Ints mask, Ints yes, Ints no) { return mask ? yes : no; }
HALYARD_INLINE Floats absolute(Floats x) { return floats(bits(x) & 0x7fffffff); }
HALYARD_INLINE Floats copy_sign(Floats magnitude, Floats sign) {
  return floats((bits(magnitude) & 0x7fffffff) | (bits(sign) & (int32_t)0x80000000));
}

#if defined(HALYARD_AVX512)
HALYARD_INLINE Floats fused(Floats a, Floats b, Floats c) { return (Floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
HALYARD_INLINE Floats root(Floats x) { return (Floats)_mm512_sqrt_ps((__m512)x); }
HALYARD_INLINE Floats round_even(Floats x) { return (Floats)_mm512_roundscale_ps((__m512)x, 8); }
HALYARD_INLINE Floats round_down(Floats x) { return (Floats)_mm512_roundscale_ps((__m512)x, 9); }
HALYARD_INLINE Floats round_up(Floats x) { return (Floats)_mm512_roundscale_ps((__m512)x, 10); }
HALYARD_INLINE Ints to_ints(Floats x) { return (Ints)_mm512_cvttps_epi32((__m512)x); }
HALYARD_INLINE void store_past_caches(float* to, Floats x) { _mm512_stream_ps(to, (__m512)x); }
#elif defined(__AVX2__)
HALYARD_INLINE Floats fused(Floats a, Floats b, Floats c) { return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
HALYARD_INLINE Floats root(Floats x) { return (Floats)_mm256_sqrt_ps((__m256)x); }
HALYARD_INLINE Floats round_even(Floats x) { return (Floats)_mm256_round_ps((__m256)x, 8); }
HALYARD_INLINE Floats round_down(Floats x) { return (Floats)_mm256_round_ps((__m256)x, 9); }
HALYARD_INLINE Floats round_up(Floats x) { return (Floats)_mm256_round_ps((__m256)x, 10); }
HALYARD_INLINE Ints to_ints(Floats x) { return (Ints)_mm256_cvttps_epi32((__m256)x); }
HALYARD_INLINE void store_past_caches(float* to, Floats x) { _mm256_stream_ps(to, (__m256)x); }
#elif defined(__aarch64__)
HALYARD_INLINE Floats fused(Floats a, Floats b, Floats c) {
  return (Floats)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
HALYARD_INLINE Floats root(Floats x) { return (Floats)vsqrtq_f32((float32x4_t)x); }
HALYARD_INLINE Floats round_even(Floats x) { return (Floats)vrndnq_f32((float32x4_t)x); }
HALYARD_INLINE Floats round_down(Floats x) { return (Floats)vrndmq_f32((float32x4_t)x); }
HALYARD_INLINE Floats round_up(Floats x) { return (Floats)vrndpq_f32((float32x4_t)x); }
HALYARD_INLINE Ints to_ints(Floats x) { return (Ints)vcvtq_s32_f32((float32x4_t)x); }
HALYARD_INLINE void store_past_caches(float* to, Floats x) { store(to, x); }
#else
HALYARD_INLINE Floats fused(Floats a, Floats b, Floats c) { return a * b + c; }
HALYARD_INLINE Floats root(Floats x) {
  for (int i = 0; i < lanes; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
/// Adding and subtracting 1.5 · 2^23 rounds to the nearest even integer; what is that large is one already.
HALYARD_INLINE Floats round_even(Floats x) {
  Floats magnitude = absolute(x);
  Floats rounded = (magnitude + 8388608.0f) - 8388608.0f;
  return choose(magnitude < 8388608.0f, copy_sign(rounded, x), x);
}
HALYARD_INLINE Floats round_down(Floats x) {
  Floats rounded = round_even(x);
  return copy_sign(choose(rounded > x, rounded - 1.0f, rounded), x);
}
HALYARD_INLINE Floats round_up(Floats x) {
  Floats rounded = round_even(x);
  return copy_sign(choose(rounded < x, rounded + 1.0f, rounded), x);
}
HALYARD_INLINE Ints to_ints(Floats x) {
  Floats bounded = choose(absolute(x) < 2147483648.0f, x, Floats{});
  return __builtin_convertvector(bounded, Ints);
}
#if defined(__x86_64__)
HALYARD_INLINE void store_past_caches(float* to, Floats x) { _mm_stream_ps(to, (__m128)x); }
#else
HALYARD_INLINE void store_past_caches(float* to, Floats x) { store(to, x); }
#endif
#endif

/// NaN wins.
HALYARD_INLINE Floats least(Floats a, Floats b) { return choose((a < b) | (a != a), a, b); }
HALYARD_INLINE Floats greatest(Floats a, Floats b) { return choose((a > b) | (a != a), a, b); }

HALYARD_INLINE float sum_of(Floats x) {
  float halves[lanes];
  store(halves, x);
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) halves[i] += halves[i + width];
  return halves[0];
}

}  // namespace
