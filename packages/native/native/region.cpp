#include "halyard/region.h"

namespace halyard {

void Region::poison(std::int64_t begin, std::int64_t end) {
  if (begin >= end) return;
  cleanse(begin, end);
  std::lock_guard lock(mutex_);
  poisoned_.push_back({begin, end});
  any_poison_.store(true, std::memory_order_release);
}

void Region::cleanse(std::int64_t begin, std::int64_t end) {
  if (!any_poison_.load(std::memory_order_acquire)) return;
  std::lock_guard lock(mutex_);
  std::vector<Stretch> left;
  for (const Stretch& stretch : poisoned_) {
    if (stretch.begin < begin) left.push_back({stretch.begin, stretch.end < begin ? stretch.end : begin});
    if (stretch.end > end) left.push_back({stretch.begin > end ? stretch.begin : end, stretch.end});
  }
  poisoned_ = std::move(left);
  any_poison_.store(!poisoned_.empty(), std::memory_order_release);
}

bool Region::is_poisoned(std::int64_t begin, std::int64_t end) const {
  if (!any_poison_.load(std::memory_order_acquire)) return false;
  std::lock_guard lock(mutex_);
  for (const Stretch& stretch : poisoned_)
    if (stretch.begin < end && begin < stretch.end) return true;
  return false;
}

}  // namespace halyard
