#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace halyard::simulator {

inline constexpr int lanes = 32;
inline constexpr std::uint32_t all_lanes = 0xffffffff;

/// Calls `visit(lane)` for the lanes of a mask.
template <class Visit>
inline void each_lane(std::uint32_t mask, Visit visit) {
  for (; mask != 0; mask &= mask - 1) visit(std::countr_zero(mask));
}

/// All ones in the words of the lanes of a mask.
inline void expand_mask(std::uint32_t mask, std::uint32_t* words) {
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) words[l] = (mask & (1u << l)) ? ~0u : 0u;
}

/// The inverse: the top bits of 32 words.
inline std::uint32_t collect_mask(const std::uint32_t* words) {
#if defined(__AVX2__)
  std::uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const __m256 part = _mm256_loadu_ps(reinterpret_cast<const float*>(words + 8 * i));
    result |= static_cast<std::uint32_t>(_mm256_movemask_ps(part)) << (8 * i);
  }
  return result;
#else
  std::uint32_t result = 0;
  for (int l = 0; l < lanes; ++l) result |= (words[l] >> 31) << l;
  return result;
#endif
}

/// Writes values to a register for the lanes of a mask alone.
inline void store_lanes(std::uint32_t* to, const std::uint32_t* from, std::uint32_t mask) {
  if (mask == all_lanes) {
    std::memcpy(to, from, 4 * lanes);
    return;
  }
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) to[l] = (mask & (1u << l)) ? from[l] : to[l];
}

inline void store_lanes(std::uint64_t* to, const std::uint64_t* from, std::uint32_t mask) {
  if (mask == all_lanes) {
    std::memcpy(to, from, 8 * lanes);
    return;
  }
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) to[l] = (mask & (1u << l)) ? from[l] : to[l];
}

}  // namespace halyard::simulator
