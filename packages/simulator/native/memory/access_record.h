#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "address_space.h"

namespace halyard::simulator {

/// Bytes that were read or written.
struct AccessedRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_write = false;
};

/// Which global memory a launch touches, to the granule; what order between launches is judged by. Marking is safe from
/// several threads.
class AccessRecord {
 public:
  static constexpr std::uint64_t granule = 4;

  AccessRecord() = default;
  ~AccessRecord();
  AccessRecord(const AccessRecord&) = delete;
  AccessRecord& operator=(const AccessRecord&) = delete;

  /// Before the first access of a launch.
  void begin(std::shared_ptr<const MemorySnapshot> snapshot);
  /// `range` is one of the snapshot's; `address` and `bytes` lie in it. An atomic is a write.
  void mark(const MemoryRange& range, std::uint64_t address, std::uint64_t bytes, bool is_write) {
    auto& slot = slots_[static_cast<std::size_t>(&range - snapshot_->ranges.data())][is_write];
    InitializedMap* map = slot.load(std::memory_order_acquire);
    if (!map) map = create(slot, range);
    const std::uint64_t first = (address - range.begin) / granule;
    const std::uint64_t last = (address - range.begin + bytes - 1) / granule;
    if (first / 64 == last / 64)
      map->mark_within(first, static_cast<std::uint32_t>(last - first + 1));
    else
      map->mark(first, last - first + 1);
  }
  /// What was marked, neighbours joined; written memory counts as written even if it was read as well.
  std::vector<AccessedRange> ranges() const;

 private:
  using Slot = std::atomic<InitializedMap*>;
  static InitializedMap* create(Slot& slot, const MemoryRange& range);

  std::shared_ptr<const MemorySnapshot> snapshot_;
  std::unique_ptr<std::array<Slot, 2>[]> slots_;
};

}  // namespace halyard::simulator
