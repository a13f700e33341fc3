#include <string>

#include "faults.h"
#include "pattern.h"
#include "spaces.h"

namespace halyard::simulator {
namespace {

void check_initialized(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask,
                       std::uint32_t bytes, const MemoryRange& range, const Deltas& deltas, Access::Pattern pattern) {
  InitializedMap& map = *range.initialized;
  const std::uint64_t shift = range.initialized_offset - range.begin;
  if (pattern == Access::Pattern::contiguous && map.all(deltas.first + shift, std::uint64_t{bytes} * lanes)) return;
  if (pattern == Access::Pattern::uniform && map.all_within(deltas.first + shift, bytes)) return;
  each_lane(mask, [&](int l) {
    if (!map.all_within(addresses[l] + shift, bytes)) uninitialized(warp, op, addresses[l], bytes, l, "global");
  });
}

void mark_initialized(const std::uint64_t* addresses, std::uint32_t mask, std::uint32_t bytes, const MemoryRange& range,
                      const Deltas& deltas, Access::Pattern pattern) {
  InitializedMap& map = *range.initialized;
  const std::uint64_t shift = range.initialized_offset - range.begin;
  if (pattern == Access::Pattern::contiguous) return map.mark(deltas.first + shift, std::uint64_t{bytes} * lanes);
  each_lane(mask, [&](int l) { map.mark_within(addresses[l] + shift, bytes); });
}

void count_global(Warp& warp, Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes,
                  Direction direction) {
  const auto low = static_cast<std::uint32_t>(deltas.first & 31);
  if (!same_pattern(site, deltas, mask, low)) {
    remember(site, deltas, mask, low);
    site.sectors = count_sectors(deltas, mask, bytes);
  }
  Counters& counters = warp.worker->counters();
  const std::uint64_t asked = std::uint64_t{bytes} * std::popcount(mask);
  if (direction == Direction::atomic) {
    ++counters.global_atomic_requests;
    counters.global_atomic_sectors += site.sectors;
  } else if (is_write(direction)) {
    ++counters.global_store_requests;
    counters.global_store_sectors += site.sectors;
    counters.global_store_bytes += asked;
  } else {
    ++counters.global_load_requests;
    counters.global_load_sectors += site.sectors;
    counters.global_load_bytes += asked;
  }
}

}  // namespace

bool prepare_global(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access) {
  Deltas deltas;
  measure(addresses, mask, deltas);
  if (!deltas.is_near) {
    // Lanes that are far apart: one after another.
    access.pattern = Access::Pattern::any;
    bool ok = true;
    each_lane(mask, [&](int l) {
      Access one;
      if (ok) ok = prepare_global(warp, op, direction, addresses, 1u << l, bytes, one);
      access.pointers[l] = one.pointers[l];
    });
    access.mask = mask;
    return ok;
  }
  if ((deltas.bits | static_cast<std::uint32_t>(deltas.first)) & (bytes - 1))
    return misaligned(warp, op, addresses, mask, bytes, "global");
  Site& site = warp.worker->site(op);
  const std::uint64_t least = deltas.first + static_cast<std::int64_t>(deltas.least);
  const std::uint64_t end = deltas.first + static_cast<std::int64_t>(deltas.most) + bytes;
  const auto holds = [&](const MemoryRange* range) {
    return range != nullptr && least >= range->begin && end <= range->end;
  };
  access.mask = mask;
  access.pattern = pattern_of(deltas, mask, bytes);
  if (!holds(site.range)) site.range = warp.worker->context().memory->find(least);
  if (holds(site.range)) {
    const MemoryRange& range = *site.range;
    if (range.is_constant && is_write(direction)) {
      warp.worker->report(warp, op, FindingKind::write_to_constant, std::countr_zero(mask), least, bytes,
                          "a write into constant memory", LaunchError::illegal_address);
      return false;
    }
    if (range.initialized != nullptr) {
      if (!is_write(direction) || direction == Direction::atomic) {
        if (warp.worker->context().options.check_initialized)
          check_initialized(warp, op, addresses, mask, bytes, range, deltas, access.pattern);
      }
      if (is_write(direction)) mark_initialized(addresses, mask, bytes, range, deltas, access.pattern);
    }
    if (AccessRecord* record = warp.worker->context().options.accesses; record != nullptr) {
      if (access.pattern == Access::Pattern::contiguous)
        record->mark(range, deltas.first, std::uint64_t{bytes} * lanes, is_write(direction));
      else
        each_lane(mask, [&](int l) { record->mark(range, addresses[l], bytes, is_write(direction)); });
    }
    std::byte* base = range.host + (deltas.first - range.begin);
    for (int l = 0; l < lanes; ++l) access.pointers[l] = base + deltas.values[l];
  } else {
    // Over several allocations, or outside of them.
    access.pattern = Access::Pattern::any;
    bool ok = true;
    each_lane(mask, [&](int l) {
      const MemoryRange* range = warp.worker->context().memory->find(addresses[l]);
      if (range == nullptr || addresses[l] + bytes > range->end) {
        ok = global_out_of_bounds(warp, op, direction, addresses[l], bytes, l);
        return;
      }
      const std::uint64_t inside = addresses[l] - range->begin;
      access.pointers[l] = range->host + inside;
      if (AccessRecord* record = warp.worker->context().options.accesses; record != nullptr)
        record->mark(*range, addresses[l], bytes, is_write(direction));
      if (range->initialized == nullptr) return;
      if (!is_write(direction) && warp.worker->context().options.check_initialized &&
          !range->initialized->all(range->initialized_offset + inside, bytes))
        uninitialized(warp, op, addresses[l], bytes, l, "global");
      if (is_write(direction)) range->initialized->mark(range->initialized_offset + inside, bytes);
    });
    if (!ok) return false;
  }
  if (warp.worker->context().options.count_memory) count_global(warp, site, deltas, mask, bytes, direction);
  return true;
}

}  // namespace halyard::simulator
