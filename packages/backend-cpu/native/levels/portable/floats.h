#pragma once

#include <stdint.h>
#include <string.h>

// See levels/avx2/floats.h. Vectors of the compiler's own, which it brings down to what the machine has.

#define HALYARD_INLINE static inline __attribute__((always_inline))

namespace halyard::cpu {
namespace {

struct Floats {
  static constexpr int width = 4;
  static constexpr int panel_vectors = 2;
  static constexpr int tile_rows = 4;
  static constexpr int wide_vectors = 4;
  static constexpr int wide_rows = 2;
  typedef float Vector __attribute__((vector_size(16)));
  typedef int32_t Bits __attribute__((vector_size(16)));

  HALYARD_INLINE Vector zero() { return Vector{0, 0, 0, 0}; }
  HALYARD_INLINE Vector broadcast(float value) { return Vector{value, value, value, value}; }
  HALYARD_INLINE Vector load(const float* from) {
    Vector result;
    memcpy(&result, from, sizeof(result));
    return result;
  }
  HALYARD_INLINE void store(float* to, Vector value) { memcpy(to, &value, sizeof(value)); }
  HALYARD_INLINE float from_bits(uint32_t bits) {
    float result;
    memcpy(&result, &bits, 4);
    return result;
  }
  HALYARD_INLINE float widen_half(uint16_t bits) {
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
    const uint32_t exponent = (bits >> 10) & 31u;
    const uint32_t fraction = bits & 1023u;
    if (exponent == 31) return from_bits(sign | 0x7f800000u | (fraction << 13));
    if (exponent != 0) return from_bits(sign | ((exponent + 112) << 23) | (fraction << 13));
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  HALYARD_INLINE Vector load_half(const uint16_t* from) {
    return Vector{widen_half(from[0]), widen_half(from[1]), widen_half(from[2]), widen_half(from[3])};
  }
  HALYARD_INLINE Vector load_brain(const uint16_t* from) {
    return Vector{from_bits(static_cast<uint32_t>(from[0]) << 16), from_bits(static_cast<uint32_t>(from[1]) << 16),
                  from_bits(static_cast<uint32_t>(from[2]) << 16), from_bits(static_cast<uint32_t>(from[3]) << 16)};
  }
  /// Without hardware for it a fused product would be a library call: two roundings here.
  HALYARD_INLINE Vector fma(Vector a, Vector b, Vector c) { return a * b + c; }
  HALYARD_INLINE Vector add(Vector a, Vector b) { return a + b; }
  HALYARD_INLINE Vector sub(Vector a, Vector b) { return a - b; }
  HALYARD_INLINE Vector mul(Vector a, Vector b) { return a * b; }
  HALYARD_INLINE Vector max(Vector a, Vector b) { return a > b ? a : b; }
  /// For |a| < 2^22, as the exponential needs it.
  HALYARD_INLINE Vector round(Vector a) {
    const Vector shift = broadcast(12582912.0f);
    Vector sum = a + shift;
    __asm__("" : "+m"(sum));
    return sum - shift;
  }
  HALYARD_INLINE Vector times_power(Vector a, Vector n) {
    const Bits bits = (__builtin_convertvector(n, Bits) + 127) << 23;
    Vector factor;
    memcpy(&factor, &bits, sizeof(factor));
    return a * factor;
  }
  HALYARD_INLINE Vector zero_below(Vector value, Vector test, Vector bound) { return test < bound ? zero() : value; }
  HALYARD_INLINE float sum(Vector a) { return (a[0] + a[2]) + (a[1] + a[3]); }
  HALYARD_INLINE float largest(Vector a) {
    float result = a[0];
    for (int i = 1; i < 4; i++) result = result > a[i] ? result : a[i];
    return result;
  }
  HALYARD_INLINE void transpose(Vector v[4]) {
    const Vector a = v[0], b = v[1], c = v[2], d = v[3];
    for (int i = 0; i < 4; i++) v[i] = Vector{a[i], b[i], c[i], d[i]};
  }
  HALYARD_INLINE void prefetch(const void* from) { __builtin_prefetch(from); }
};

}  // namespace
}  // namespace halyard::cpu
