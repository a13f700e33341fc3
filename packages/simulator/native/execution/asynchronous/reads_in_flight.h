#pragma once

#include <cstdint>
#include <vector>

namespace halyard::simulator {

/// Shared memory that asynchronous operations (matrix products, bulk copies out) still read, in granules of 16 bytes:
/// what they read is a multiple of that.
class ReadsInFlight {
 public:
  static constexpr std::uint32_t granule = 16;

  void reset(std::uint32_t bytes) {
    counts_.assign((bytes + granule - 1) / granule, 0);
    total_ = 0;
  }
  void begin(std::uint32_t which) {
    ++counts_[which];
    ++total_;
  }
  void end(std::uint32_t which) {
    --counts_[which];
    --total_;
  }
  bool overlaps(std::uint32_t offset, std::uint32_t bytes) const {
    if (total_ == 0) return false;
    for (std::uint32_t g = offset / granule; g <= (offset + bytes - 1) / granule; ++g)
      if (counts_[g] != 0) return true;
    return false;
  }

 private:
  std::vector<std::uint16_t> counts_;
  std::uint32_t total_ = 0;
};

/// What one asynchronous operation reads.
struct AsynchronousRead {
  std::uint32_t group = 0;     ///< that it is or will be committed with
  int lane = 0;                ///< whose group it is; matrix products belong to whole warps
  std::uint32_t sequence = 0;  ///< of a matrix product: which of its warp's
  std::vector<std::uint16_t> granules;
};

}  // namespace halyard::simulator
