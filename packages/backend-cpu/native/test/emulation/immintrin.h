#pragma once

// Put before the compiler's own on the include path, this emulates AVX-512 (SIMDe, 0.7.4 or later) on machines without
// it, so that those kernels are tested everywhere. What SIMDe lacks is added here, lane by lane.

// clang-format off
#include_next <immintrin.h>
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#include <math.h>
#include <stdint.h>
#include <string.h>
// clang-format on

namespace emulated {

template <typename To, typename From>
static inline To from_bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To result;
  memcpy(&result, &from, sizeof(To));
  return result;
}

/// Each lane of `from` to a lane of the result.
template <typename Result, typename Lane, typename FromLane, typename From, typename Function>
static inline Result map(const From& from, Function function) {
  constexpr int lanes = sizeof(Result) / sizeof(Lane);
  FromLane source[sizeof(From) / sizeof(FromLane)];
  memcpy(source, &from, sizeof(From));
  Lane result[lanes];
  for (int i = 0; i < lanes; i++) result[i] = function(source[i]);
  Result all;
  memcpy(&all, result, sizeof(all));
  return all;
}

template <typename Lane, typename From, typename Function>
static inline Lane fold(const From& from, Function function) {
  Lane lanes[sizeof(From) / sizeof(Lane)];
  memcpy(lanes, &from, sizeof(From));
  Lane result = lanes[0];
  for (unsigned i = 1; i < sizeof(From) / sizeof(Lane); i++) result = function(result, lanes[i]);
  return result;
}

static inline simde__m512 shuffle_f32x4(simde__m512 a, simde__m512 b, int which) {
  float from[32];
  memcpy(from, &a, 64);
  memcpy(from + 16, &b, 64);
  float to[16];
  for (int lane = 0; lane < 4; lane++) {
    memcpy(to + 4 * lane, from + 16 * (lane / 2) + 4 * ((which >> (2 * lane)) & 3), 16);
  }
  return simde_mm512_loadu_ps(to);
}

static inline simde__m512 cvtph_ps(__m256i halves) {
  float wide[16];
  _mm256_storeu_ps(wide, _mm256_cvtph_ps(_mm256_castsi256_si128(halves)));
  _mm256_storeu_ps(wide + 8, _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)));
  return simde_mm512_loadu_ps(wide);
}

static inline __m256i cvtps_ph(const simde__m512& floats) {
  float wide[16];
  memcpy(wide, &floats, 64);
  return _mm256_setr_m128i(_mm256_cvtps_ph(_mm256_loadu_ps(wide), _MM_FROUND_TO_NEAREST_INT),
                           _mm256_cvtps_ph(_mm256_loadu_ps(wide + 8), _MM_FROUND_TO_NEAREST_INT));
}

}  // namespace emulated

#define _mm512_cvtps_ph(a, rounding) emulated::cvtps_ph(a)
#define _mm512_stream_ps(to, a) simde_mm512_store_ps(to, a)

#define _mm512_cvtph_ps(a) emulated::cvtph_ps(a)
#define _mm512_cvtepi32_ps(a) \
  emulated::map<simde__m512, float, int32_t>(a, [](int32_t x) { return static_cast<float>(x); })
#define _mm512_cvtps_epi32(a)                  \
  emulated::map<simde__m512i, int32_t, float>( \
      a, [](float x) { return x == x && fabsf(x) < 2147483648.0f ? static_cast<int32_t>(nearbyintf(x)) : INT32_MIN; })
#define _mm512_cvttps_epi32(a)                 \
  emulated::map<simde__m512i, int32_t, float>( \
      a, [](float x) { return x >= -2147483648.0f && x < 2147483648.0f ? static_cast<int32_t>(x) : INT32_MIN; })
#define _mm512_cvtepi8_epi32(a) emulated::map<simde__m512i, int32_t, int8_t>(a, [](int8_t x) { return int32_t{x}; })
#define _mm512_cvtepu8_epi32(a) emulated::map<simde__m512i, int32_t, uint8_t>(a, [](uint8_t x) { return int32_t{x}; })
#define _mm512_cvtepu16_epi32(a) \
  emulated::map<simde__m512i, int32_t, uint16_t>(a, [](uint16_t x) { return int32_t{x}; })
#define _mm512_srai_epi32(a, bits) \
  emulated::map<simde__m512i, int32_t, int32_t>(a, [](int32_t x) { return x >> (bits); })
#define _mm512_reduce_add_epi32(a) emulated::fold<int32_t>(a, [](int32_t x, int32_t y) { return x + y; })
#define _mm512_reduce_max_epi32(a) emulated::fold<int32_t>(a, [](int32_t x, int32_t y) { return x > y ? x : y; })
#define _mm512_reduce_add_ps(a) emulated::fold<float>(a, [](float x, float y) { return x + y; })
#define _mm512_reduce_max_ps(a) emulated::fold<float>(a, [](float x, float y) { return x > y ? x : y; })
#define _mm512_shuffle_f32x4(a, b, which) emulated::shuffle_f32x4(a, b, which)
#include "tiles.h"
