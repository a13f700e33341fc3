#pragma once

#include <cstdint>

#include "swizzle.h"

namespace halyard::simulator {

/// Where a matrix of `wgmma` lies in shared memory. (PTX ISA, "Matrix descriptor format" and "Canonical layouts")
///
/// It is made of core matrices of 8 × 16 bytes: the 16 bytes go along K or, where the matrix is transposed, along M or
/// N.
struct MatrixDescriptor {
  std::uint32_t start = 0;         ///< offset in shared memory
  std::uint32_t leading = 0;       ///< bytes
  std::uint32_t stride = 0;        ///< bytes
  std::uint32_t base_offset = 0;   ///< of a pattern that does not begin at a multiple of its size
  std::uint32_t swizzle_bits = 0;  ///< 0 none, 1: 32 bytes, 2: 64, 3: 128

  static MatrixDescriptor decode(std::uint64_t bits) {
    static constexpr std::uint32_t swizzles[4] = {0, 3, 2, 1};
    const auto field = [&](int at) { return static_cast<std::uint32_t>(bits >> at & 0x3fff) << 4; };
    return {field(0), field(16), field(32), static_cast<std::uint32_t>(bits >> 49 & 7), swizzles[bits >> 62]};
  }

  /// Whether the pattern of the swizzle begins at a multiple of its size, as it does with no base offset.
  bool is_aligned() const { return (start >> 7 & ((1u << swizzle_bits) - 1)) == 0; }

  /// Chunks of 16 bytes side by side in a row of the layout.
  std::uint32_t width() const { return 1u << swizzle_bits; }

  /// Row `row` (of 8) of the core matrix that is the `outer`th along M or N and the `inner`th along K.
  std::uint32_t row(bool is_transposed, std::uint32_t outer, std::uint32_t inner, std::uint32_t row) const {
    const std::uint32_t w = width();
    std::uint32_t place = start + row * 16 * w;
    if (!is_transposed)
      place += outer * stride + inner * (swizzle_bits == 0 ? leading : 16);
    else if (swizzle_bits == 0)
      place += outer * stride + inner * leading;
    else
      place += outer % w * 16 + outer / w * leading + inner * stride;
    return swizzle(place, swizzle_bits);
  }
};

}  // namespace halyard::simulator
