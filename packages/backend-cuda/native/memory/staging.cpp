#include "staging.h"

namespace halyard::cuda {

Staging::Block Staging::take(std::int64_t bytes) {
  const bool is_small = bytes <= small_block_bytes;
  std::shared_ptr<PinnedRegion> memory;
  {
    std::lock_guard lock(mutex_);
    auto& free = is_small ? small_ : large_;
    if (!free.empty()) {
      memory = std::move(free.back());
      free.pop_back();
    }
  }
  if (!memory) memory = PinnedRegion::reserve(context_, is_small ? small_block_bytes : block_bytes);
  if (!memory) return nullptr;
  PinnedRegion* block = memory.get();
  return Block(block, [memory = std::move(memory), owner = weak_from_this(), is_small](PinnedRegion*) mutable {
    const std::shared_ptr<Staging> staging = owner.lock();
    if (!staging) return;
    std::lock_guard lock(staging->mutex_);
    (is_small ? staging->small_ : staging->large_).push_back(std::move(memory));
  });
}

}  // namespace halyard::cuda
