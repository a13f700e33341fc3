// float16 and bfloat16 to float32 and back, a vector at a time. Elements come as 16 bits in each 32-bit lane.
#pragma once

#include "vector.h"

namespace {

/// Exact. The exponent is moved by a multiplication, which also makes denormals come out right.
HALYARD_INLINE Floats widen_float16(Ints half) {
  Ints magnitude = half & 0x7fff;
  Floats moved = floats(magnitude << 13) * 5.192296858534828e33f;  // 2^112
  Ints special = magnitude >= 0x7c00;
  Ints raw = choose(special, (magnitude << 13) | 0x7f800000, bits(moved));
  return floats(raw | ((half & 0x8000) << 16));
}

/// To the nearest, ties to even; beyond 65504 infinity, NaN a quiet one.
HALYARD_INLINE Ints narrow_float16(Floats x) {
  Ints raw = bits(x);
  Ints sign = (raw >> 16) & 0x8000;
  Ints magnitude = raw & 0x7fffffff;
  // Adding 0.5 leaves a denormal's bits at the end of the mantissa, rounded.
  Ints denormal = bits(floats(magnitude) + 0.5f) - 0x3f000000;
  Ints normal = (magnitude - (112 << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
  Ints result = choose(magnitude < 0x38800000, denormal, normal);
  result = choose(magnitude >= 0x477ff000, Ints{} + 0x7c00, result);
  result = choose(magnitude > 0x7f800000, Ints{} + 0x7e00, result);
  return result | sign;
}

HALYARD_INLINE Floats widen_bfloat16(Ints value) { return floats(value << 16); }

/// To the nearest, ties to even; NaN a quiet one.
HALYARD_INLINE Ints narrow_bfloat16(Floats x) {
  Ints raw = bits(x);
  Ints rounded = (Ints)(((Words)raw + 0x7fff + (((Words)raw >> 16) & 1)) >> 16);
  return choose((raw & 0x7fffffff) > 0x7f800000, ((raw >> 16) & 0xffff) | 0x40, rounded & 0xffff);
}

typedef uint16_t Shorts __attribute__((vector_size(HALYARD_VECTOR_BYTES / 2)));
typedef uint16_t ShortsInMemory __attribute__((vector_size(HALYARD_VECTOR_BYTES / 2), aligned(2), may_alias));

HALYARD_INLINE Ints load_shorts(const uint16_t* from) {
  Shorts packed = *reinterpret_cast<const ShortsInMemory*>(from);
  return (Ints)__builtin_convertvector(packed, Words);
}
HALYARD_INLINE void store_shorts(uint16_t* to, Ints value) {
  *reinterpret_cast<ShortsInMemory*>(to) = __builtin_convertvector((Words)value, Shorts);
}

#if defined(HALYARD_AVX512)
HALYARD_INLINE Floats load_float16(const uint16_t* from) {
  return (Floats)_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
HALYARD_INLINE void store_float16(uint16_t* to, Floats x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtps_ph((__m512)x, 8));
}
#elif defined(__F16C__)
HALYARD_INLINE Floats load_float16(const uint16_t* from) {
  return (Floats)_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
HALYARD_INLINE void store_float16(uint16_t* to, Floats x) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_cvtps_ph((__m256)x, 8));
}
#else
HALYARD_INLINE Floats load_float16(const uint16_t* from) { return widen_float16(load_shorts(from)); }
HALYARD_INLINE void store_float16(uint16_t* to, Floats x) { store_shorts(to, narrow_float16(x)); }
#endif

HALYARD_INLINE Floats load_bfloat16(const uint16_t* from) { return widen_bfloat16(load_shorts(from)); }
HALYARD_INLINE void store_bfloat16(uint16_t* to, Floats x) { store_shorts(to, narrow_bfloat16(x)); }

}  // namespace
