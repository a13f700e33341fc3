#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace halyard::simulator {

/// A tensor in global memory, and the box of it that one copy moves: what `cuTensorMapEncodeTiled` is given, with its
/// numbers for types and modes. The encoding is the simulator's own, as the driver's is secret.
struct TensorMap {
  static constexpr std::uint32_t bytes = 128;
  static constexpr std::uint32_t alignment = 64;
  static constexpr std::uint32_t most_dimensions = 5;

  std::uint32_t data_type = 0;
  std::uint32_t rank = 0;
  std::uint64_t address = 0;
  std::uint64_t dimensions[most_dimensions] = {};   ///< in elements, the innermost first
  std::uint64_t strides[most_dimensions - 1] = {};  ///< in bytes, of all but the innermost
  std::uint32_t box[most_dimensions] = {};
  std::uint32_t element_strides[most_dimensions] = {};
  std::uint32_t interleave = 0;
  std::uint32_t swizzle = 0;  ///< 0 none, 1: 32 bytes, 2: 64, 3: 128
  std::uint32_t promotion = 0;
  std::uint32_t out_of_bounds_fill = 0;

  std::uint32_t element_bytes() const;
  /// Of the box in shared memory, along one dimension.
  std::uint32_t extent(std::uint32_t dimension) const;
  std::uint32_t box_bytes() const;

  /// What is wrong with it, or nothing.
  std::string problem() const;
  /// Whether it is right for hardware, but the simulator does not know it.
  bool is_unsupported() const;
  void encode(std::byte* to) const;
  /// False if these are no encoded map.
  bool decode(const std::byte* from);
};

}  // namespace halyard::simulator
