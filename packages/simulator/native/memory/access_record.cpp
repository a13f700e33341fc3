#include "access_record.h"

#include <algorithm>

namespace halyard::simulator {

namespace {

std::uint64_t granules_of(const MemoryRange& range) {
  return (range.end - range.begin + AccessRecord::granule - 1) / AccessRecord::granule;
}

}  // namespace

AccessRecord::~AccessRecord() {
  if (!snapshot_) return;
  for (std::size_t i = 0; i < snapshot_->ranges.size(); ++i)
    for (Slot& slot : slots_[i]) delete slot.load();
}

void AccessRecord::begin(std::shared_ptr<const MemorySnapshot> snapshot) {
  slots_ = std::make_unique<std::array<Slot, 2>[]>(snapshot->ranges.size());
  snapshot_ = std::move(snapshot);
}

InitializedMap* AccessRecord::create(Slot& slot, const MemoryRange& range) {
  auto made = std::make_unique<InitializedMap>(granules_of(range));
  InitializedMap* expected = nullptr;
  // Of several threads one is first; the others take what it made.
  if (slot.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) return made.release();
  return expected;
}

std::vector<AccessedRange> AccessRecord::ranges() const {
  std::vector<AccessedRange> result;
  if (!snapshot_) return result;
  for (std::size_t i = 0; i < snapshot_->ranges.size(); ++i) {
    const MemoryRange& range = snapshot_->ranges[i];
    for (int write = 0; write < 2; ++write) {
      const InitializedMap* map = slots_[i][write].load();
      if (!map) continue;
      const std::uint64_t granules = granules_of(range);
      for (std::uint64_t at = map->next(0, true, granules); at < granules;) {
        const std::uint64_t past = map->next(at, false, granules);
        result.push_back({range.begin + at * granule, std::min(range.begin + past * granule, range.end), write == 1});
        at = map->next(past, true, granules);
      }
    }
  }
  return result;
}

}  // namespace halyard::simulator
