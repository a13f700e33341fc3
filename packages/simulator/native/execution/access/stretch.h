#pragma once

#include "access.h"

namespace halyard::simulator {

/// The host memory behind `bytes` from an address on, that a copy reads or writes as a whole: checked, and marked as
/// initialized where it writes. Null: the warp has failed.
std::byte* global_stretch(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t address,
                          std::uint64_t bytes, int lane);
/// The same for a block's shared memory; bounds and alignment alone.
std::byte* shared_stretch(Warp& warp, const MicroOp& op, Block& block, Direction direction, std::uint64_t offset,
                          std::uint64_t bytes, std::uint32_t alignment, int lane);

/// Distinct sectors of 32 bytes in stretches that come in the order of their addresses.
class SectorCount {
 public:
  void add(std::uint64_t address, std::uint64_t bytes) {
    std::uint64_t first = address >> 5;
    const std::uint64_t last = (address + bytes - 1) >> 5;
    if (first == last_) ++first;
    count_ += last + 1 - first;
    last_ = last;
    bytes_ += bytes;
  }
  /// As one request of a warp; a read may go to several blocks of a cluster.
  void count(Warp& warp, bool is_write, std::size_t destinations = 1) const;

 private:
  std::uint64_t last_ = ~std::uint64_t{0};
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace halyard::simulator
