#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace halyard::simulator {

inline float half_to_float(std::uint16_t h) {
#if defined(__F16C__)
  return _cvtsh_ss(h);
#else
  const std::uint32_t sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 31, mantissa = h & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) return (sign ? -1.0f : 1.0f) * static_cast<float>(mantissa) * 0x1p-24f;
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
#endif
}

/// Rounds a value to `mantissa` bits behind the point and exponents from `least`, to the nearest even, or by
/// truncation. Both for tests of special values and for machines without conversions of their own.
inline double round_to_format(double x, int mantissa, int least_exponent, bool to_zero = false) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent;
  std::frexp(x, &exponent);
  exponent = std::max(exponent - 1, least_exponent) - mantissa;
  const double scaled = std::ldexp(x, -exponent);
  return std::ldexp(to_zero ? std::trunc(scaled) : std::nearbyint(scaled), exponent);
}

inline std::uint16_t double_to_half(double x, bool to_zero = false) {
  const std::uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  if (std::isnan(x)) return 0x7fff;
  if (std::isinf(x)) return sign | 0x7c00;
  const double rounded = std::fabs(round_to_format(x, 10, -14, to_zero));
  if (rounded > 65504.0) return static_cast<std::uint16_t>(sign | (to_zero ? 0x7bff : 0x7c00));
  if (rounded < 0x1p-14) return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(rounded * 0x1p24));
  const auto bits = std::bit_cast<std::uint64_t>(rounded);
  return static_cast<std::uint16_t>(sign | ((bits >> 42) - (std::uint64_t{1008} << 10)));
}

inline std::uint16_t float_to_half(float x) {
#if defined(__F16C__)
  return x != x ? 0x7fff : static_cast<std::uint16_t>(_cvtss_sh(x, 0));
#else
  return double_to_half(x);
#endif
}

inline float bfloat_to_float(std::uint32_t b) {
  return std::bit_cast<float>(b << 16);
}
inline std::uint32_t float_to_bfloat(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x != x ? 0x7fffu : rounded;
}

/// tf32 keeps 10 bits behind the point.
inline float to_tf32(float x) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0xffffe000u);
}

/// 8 bits: e4m3 (finite only, NaN 0x7f) and e5m2.
inline float fp8_to_float(std::uint8_t v, bool e5m2) {
  if (e5m2) return half_to_float(static_cast<std::uint16_t>(v << 8));
  const float sign = v & 128 ? -1.0f : 1.0f;
  const int exponent = (v >> 3) & 15, mantissa = v & 7;
  if (exponent == 15 && mantissa == 7) return std::bit_cast<float>(0x7fffffffu);
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -9)
                               : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10));
}

/// All 256 of them.
inline const std::array<float, 256>& fp8_values(bool e5m2) {
  static const auto values = [] {
    std::array<std::array<float, 256>, 2> result;
    for (int v = 0; v < 512; ++v) result[v >> 8][v & 255] = fp8_to_float(static_cast<std::uint8_t>(v), v >> 8);
    return result;
  }();
  return values[e5m2];
}

/// To the nearest even, too large values to the largest finite one.
inline std::uint8_t float_to_fp8(float x, bool e5m2) {
  const std::uint8_t sign = std::signbit(x) ? 128 : 0;
  if (x != x) return 0x7f;
  const int mantissa_bits = e5m2 ? 2 : 3, bias = e5m2 ? 15 : 7;
  const double most = e5m2 ? 57344.0 : 448.0;
  const double rounded = std::min(most, std::fabs(round_to_format(x, mantissa_bits, 1 - bias)));
  if (rounded == 0) return sign;
  int exponent;
  std::frexp(rounded, &exponent);
  exponent = std::max(exponent - 1, 1 - bias);
  const auto mantissa = static_cast<int>(std::ldexp(rounded, mantissa_bits - exponent));
  const int biased = mantissa >> mantissa_bits ? exponent + bias : 0;
  return static_cast<std::uint8_t>(sign | biased << mantissa_bits | (mantissa & ((1 << mantissa_bits) - 1)));
}

/// `count` (a multiple of 8) values.
inline void halves_to_floats(const std::uint16_t* from, float* to, int count) {
#if defined(__F16C__)
  for (int i = 0; i < count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
#else
  for (int i = 0; i < count; ++i) to[i] = half_to_float(from[i]);
#endif
}

inline void floats_to_halves(const float* from, std::uint16_t* to, int count) {
#if defined(__F16C__)
  for (int i = 0; i < count; i += 8) {
    const __m256 x = _mm256_loadu_ps(from + i);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm256_cvtps_ph(x, 0));
  }
#else
  for (int i = 0; i < count; ++i) to[i] = float_to_half(from[i]);
#endif
}

inline void bfloats_to_floats(const std::uint16_t* from, float* to, int count) {
  for (int i = 0; i < count; ++i) to[i] = bfloat_to_float(from[i]);
}

inline void floats_to_bfloats(const float* from, std::uint16_t* to, int count) {
  for (int i = 0; i < count; ++i) to[i] = static_cast<std::uint16_t>(float_to_bfloat(from[i]));
}

}  // namespace halyard::simulator
