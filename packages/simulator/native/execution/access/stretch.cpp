#include "stretch.h"

#include <string>

#include "faults.h"

namespace halyard::simulator {

std::byte* global_stretch(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t address,
                          std::uint64_t bytes, int lane) {
  const LaunchOptions& options = warp.worker->context().options;
  Site& site = warp.worker->site(op);
  const auto holds = [&](const MemoryRange* range) {
    return range != nullptr && address >= range->begin && address + bytes <= range->end;
  };
  if (!holds(site.range)) site.range = warp.worker->context().memory->find(address);
  if (!holds(site.range)) {
    global_out_of_bounds(warp, op, direction, address, bytes, lane);
    return nullptr;
  }
  const MemoryRange& range = *site.range;
  const bool writes = is_write(direction);
  if (writes && range.is_constant) {
    warp.worker->report(warp, op, FindingKind::write_to_constant, lane, address, static_cast<std::uint32_t>(bytes),
                        "a write into constant memory", LaunchError::illegal_address);
    return nullptr;
  }
  if (range.initialized != nullptr) {
    const std::uint64_t place = address - range.begin + range.initialized_offset;
    if (writes)
      range.initialized->mark(place, bytes);
    else if (options.check_initialized && !range.initialized->all(place, bytes))
      uninitialized(warp, op, address, static_cast<std::uint32_t>(bytes), lane, "global");
  }
  if (options.accesses != nullptr) options.accesses->mark(range, address, bytes, writes);
  return range.host + (address - range.begin);
}

std::byte* shared_stretch(Warp& warp, const MicroOp& op, Block& block, Direction direction, std::uint64_t offset,
                          std::uint64_t bytes, std::uint32_t alignment, int lane) {
  if (offset % alignment != 0) {
    warp.worker->report(warp, op, FindingKind::misaligned_access, lane, offset, static_cast<std::uint32_t>(bytes),
                        "an address in shared memory that is no multiple of " + std::to_string(alignment),
                        LaunchError::misaligned_address);
    return nullptr;
  }
  if (offset > block.shared_bytes || offset + bytes > block.shared_bytes) {
    shared_out_of_bounds(warp, op, direction, offset, bytes, lane);
    return nullptr;
  }
  return block.shared + offset;
}

void SectorCount::count(Warp& warp, bool is_write, std::size_t destinations) const {
  if (!warp.worker->context().options.count_memory) return;
  Counters& counters = warp.worker->counters();
  (is_write ? counters.global_store_requests : counters.global_load_requests) += 1;
  (is_write ? counters.global_store_sectors : counters.global_load_sectors) += count_;
  (is_write ? counters.global_store_bytes : counters.global_load_bytes) += bytes_;
  counters.global_multicast_sectors += count_ * (destinations - 1);
}

}  // namespace halyard::simulator
