#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "plain_region.h"

namespace halyard::cuda {

/// Pinned memory through which bytes of ordinary host memory go to the device and back. Blocks are kept and used again;
/// one that a transfer holds comes back when the transfer lets go of it, on whatever thread.
class Staging : public std::enable_shared_from_this<Staging> {
 public:
  /// Larger transfers go through two blocks in turn.
  static constexpr std::int64_t block_bytes = 4 << 20;
  static constexpr std::int64_t small_block_bytes = 64 << 10;

  using Block = std::shared_ptr<PinnedRegion>;

  explicit Staging(DeviceContextPointer context) : context_(std::move(context)) {}
  /// At least `bytes` of them, at most `block_bytes`. Null: there is no more.
  Block take(std::int64_t bytes);

 private:
  DeviceContextPointer context_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<PinnedRegion>> small_;
  std::vector<std::shared_ptr<PinnedRegion>> large_;
};

}  // namespace halyard::cuda
