#include "access.h"

#include <algorithm>
#include <string>

namespace halyard::simulator {
namespace {

/// Distances of the lanes' addresses from the first one.
struct Deltas {
  alignas(64) std::int32_t values[lanes];
  std::uint64_t first = 0;
  std::int32_t least = 0, most = 0;
  std::uint32_t bits = 0;  ///< or of all
  bool is_near = true;     ///< they fit
};

void measure(const std::uint64_t* addresses, std::uint32_t mask, Deltas& deltas) {
  const std::uint64_t first = addresses[std::countr_zero(mask)];
  deltas.first = first;
  std::uint64_t far = 0;
  if (mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) deltas.values[l] = static_cast<std::int32_t>(addresses[l] - first);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) far |= (addresses[l] - first + 0x80000000u) >> 32;
  } else {
    for (int l = 0; l < lanes; ++l) {
      const std::uint64_t delta = mask & (1u << l) ? addresses[l] - first : 0;
      deltas.values[l] = static_cast<std::int32_t>(delta);
      far |= (delta + 0x80000000u) >> 32;
    }
  }
  std::int32_t least = 0, most = 0;
  std::uint32_t bits = 0;
  for (int l = 0; l < lanes; ++l) least = std::min(least, deltas.values[l]);
  for (int l = 0; l < lanes; ++l) most = std::max(most, deltas.values[l]);
  for (int l = 0; l < lanes; ++l) bits |= static_cast<std::uint32_t>(deltas.values[l]);
  deltas.least = least;
  deltas.most = most;
  deltas.bits = bits;
  deltas.is_near = far == 0;
}

/// Distinct 32-byte sectors.
std::uint32_t count_sectors(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes) {
  std::int64_t sectors[lanes];
  std::uint32_t count = 0;
  const auto low = static_cast<std::int64_t>(deltas.first & 31);
  each_lane(mask, [&](int l) { sectors[count++] = (deltas.values[l] + low) >> 5; });
  std::sort(sectors, sectors + count);
  std::uint32_t distinct = 0;
  std::int64_t last = INT64_MIN;
  const std::int64_t span = (bytes + 31) / 32;  // an access of up to 32 bytes is aligned
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int64_t end = sectors[i] + span;
    distinct += static_cast<std::uint32_t>(std::max<std::int64_t>(0, end - std::max(sectors[i], last)));
    last = std::max(last, end);
  }
  return distinct;
}

/// Rounds through 32 banks of 4 bytes: lanes take turns by 32, 16 or 8 for accesses of 4, 8 or 16 bytes, and within a
/// turn a bank gives one word, to any number of lanes.
void count_wavefronts(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes, Site& site) {
  const std::uint32_t words = std::max(1u, bytes / 4), turn = lanes / words;
  site.wavefronts = site.ideal = 0;
  for (std::uint32_t begin = 0; begin < lanes; begin += turn) {
    std::int64_t distinct[lanes * 4];
    std::uint32_t count = 0;
    for (std::uint32_t l = begin; l < begin + turn; ++l)
      if (mask & (1u << l))
        for (std::uint32_t w = 0; w < words; ++w)
          distinct[count++] = (static_cast<std::int64_t>(deltas.first) + deltas.values[l]) / 4 + w;
    if (count == 0) continue;
    std::sort(distinct, distinct + count);
    count = static_cast<std::uint32_t>(std::unique(distinct, distinct + count) - distinct);
    std::uint8_t banks[32] = {};
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < count; ++i) most = std::max<std::uint32_t>(most, ++banks[distinct[i] & 31]);
    site.wavefronts += most;
    site.ideal += 1;
  }
}

bool same_pattern(const Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low) {
  return site.mask == mask && site.low == low && std::memcmp(site.deltas, deltas.values, sizeof(site.deltas)) == 0;
}

void remember(Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low) {
  site.mask = mask;
  site.low = low;
  std::memcpy(site.deltas, deltas.values, sizeof(site.deltas));
}

Access::Pattern pattern_of(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes) {
  if (deltas.bits == 0) return Access::Pattern::uniform;
  if (mask != all_lanes) return Access::Pattern::any;
  std::uint32_t different = 0;
  for (int l = 0; l < lanes; ++l)
    different |= static_cast<std::uint32_t>(deltas.values[l]) ^ (static_cast<std::uint32_t>(l) * bytes);
  return different == 0 ? Access::Pattern::contiguous : Access::Pattern::any;
}

const char* verb(Direction direction) {
  return direction == Direction::load || direction == Direction::copy_from ? "read"
         : direction == Direction::atomic                                  ? "atomic access"
                                                                           : "write";
}

bool is_write(Direction direction) {
  return direction != Direction::load && direction != Direction::copy_from;
}

bool misaligned(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask, std::uint32_t bytes,
                const char* space) {
  each_lane(mask, [&](int l) {
    if (addresses[l] & (bytes - 1))
      warp.worker->report(warp, op, FindingKind::misaligned_access, l, addresses[l], bytes,
                          "an access of " + std::to_string(bytes) + " bytes in " + space +
                              " memory whose address is no multiple of that",
                          LaunchError::misaligned_address);
  });
  return false;
}

bool global_out_of_bounds(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t address,
                          std::uint32_t bytes, int lane) {
  const MemorySnapshot& memory = *warp.worker->context().memory;
  const MemoryRange* range = memory.find(address);
  const bool freed = range == nullptr && memory.was_freed(address);
  std::string text = std::string(verb(direction)) + " of " + std::to_string(bytes) + " bytes ";
  if (freed) {
    text += "in memory that was freed";
  } else if (range != nullptr) {
    text += "across the end of an allocation of " + std::to_string(range->end - range->begin) + " bytes";
  } else if (address < 4096) {
    text += "at a null pointer";
  } else {
    const MemoryRange* before = nullptr;
    for (const MemoryRange& candidate : memory.ranges)
      if (candidate.end <= address) before = &candidate;
    text += "outside of every allocation";
    if (before != nullptr && address - before->end < (1u << 20))
      text += ", " + std::to_string(address - before->end) + " bytes behind the end of one of " +
              std::to_string(before->end - before->begin) + " bytes";
  }
  warp.worker->report(warp, op, freed ? FindingKind::use_after_free : FindingKind::out_of_bounds, lane, address, bytes,
                      std::move(text), LaunchError::illegal_address);
  return false;
}

void uninitialized(Warp& warp, const MicroOp& op, std::uint64_t address, std::uint32_t bytes, int lane,
                   const char* space) {
  warp.worker->report(warp, op, FindingKind::uninitialized_read, lane, address, bytes,
                      std::string("a read of ") + space + " memory that nobody has written");
}

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

void report_shared(Warp& warp, const MicroOp& op, SharedFault fault, std::uint64_t offset, std::uint32_t bytes,
                   int lane, std::uint32_t other) {
  if (fault == SharedFault::uninitialized) return uninitialized(warp, op, offset, bytes, lane, "shared");
  if (fault == SharedFault::pending_copy)
    return warp.worker->report(warp, op, FindingKind::copy_not_waited_for, lane, offset, bytes,
                               "shared memory that an asynchronous copy fills, which has not been waited for");
  const char* what = fault == SharedFault::read_after_write    ? "a read of what another warp has written"
                     : fault == SharedFault::write_after_write ? "a write over what another warp has written"
                                                               : "a write over what another warp has read";
  std::string text = std::string(what) + " with no barrier between";
  if (const int who = SharedShadow::warp_of(other); who >= 0)
    text += " (this is warp " + std::to_string(warp.index) + ", the other warp " + std::to_string(who) + ")";
  warp.worker->report(warp, op, FindingKind::shared_memory_race, lane, offset, bytes, std::move(text));
}

bool prepare_shared(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access) {
  Deltas deltas;
  measure(addresses, mask, deltas);
  Block& block = *warp.block;
  const std::uint64_t least = deltas.first + static_cast<std::int64_t>(deltas.least);
  const std::uint64_t end = deltas.first + static_cast<std::int64_t>(deltas.most) + bytes;
  if (!deltas.is_near || least > block.shared_bytes || end > block.shared_bytes) {
    each_lane(mask, [&](int l) {
      if (addresses[l] + bytes > block.shared_bytes || addresses[l] > block.shared_bytes)
        warp.worker->report(warp, op, FindingKind::out_of_bounds, l, addresses[l], bytes,
                            std::string(verb(direction)) + " of " + std::to_string(bytes) +
                                " bytes outside of the block's " + std::to_string(block.shared_bytes) +
                                " bytes of shared memory",
                            LaunchError::illegal_address);
    });
    return false;
  }
  if ((deltas.bits | static_cast<std::uint32_t>(deltas.first)) & (bytes - 1))
    return misaligned(warp, op, addresses, mask, bytes, "shared");
  access.mask = mask;
  access.pattern = pattern_of(deltas, mask, bytes);
  for (int l = 0; l < lanes; ++l) access.pointers[l] = block.shared + deltas.first + deltas.values[l];
  const LaunchOptions& options = warp.worker->context().options;
  if (options.check_races) {
    const auto check = [&](std::uint64_t offset, std::uint32_t count, std::uint32_t& other) {
      const auto at = static_cast<std::uint32_t>(offset);
      switch (direction) {
        case Direction::load:
          return block.shadow.read(warp, at, count, other);
        case Direction::copy_to:
          return block.shadow.begin_copy(warp, at, count, other);
        case Direction::atomic:
          return block.shadow.atomic(warp, at, count, other);
        default:
          return block.shadow.write(warp, at, count, other);
      }
    };
    std::uint32_t other = 0;
    const std::uint32_t whole = access.pattern == Access::Pattern::contiguous ? bytes * lanes
                                : access.pattern == Access::Pattern::uniform  ? bytes
                                                                              : 0;
    if (whole != 0) {
      if (const SharedFault fault = check(least, whole, other); fault != SharedFault::none)
        report_shared(warp, op, fault, least, bytes, std::countr_zero(mask), other);
    } else {
      each_lane(mask, [&](int l) {
        if (const SharedFault fault = check(addresses[l], bytes, other); fault != SharedFault::none)
          report_shared(warp, op, fault, addresses[l], bytes, l, other);
      });
    }
  }
  if (!options.count_memory || direction == Direction::copy_to || direction == Direction::atomic) return true;
  Site& site = warp.worker->site(op);
  const auto low = static_cast<std::uint32_t>(deltas.first & 3);
  if (!same_pattern(site, deltas, mask, low)) {
    remember(site, deltas, mask, low);
    count_wavefronts(deltas, mask, bytes, site);
  }
  Counters& counters = warp.worker->counters();
  (is_write(direction) ? counters.shared_store_requests : counters.shared_load_requests) += 1;
  (is_write(direction) ? counters.shared_store_wavefronts : counters.shared_load_wavefronts) += site.wavefronts;
  (is_write(direction) ? counters.shared_store_ideal_wavefronts : counters.shared_load_ideal_wavefronts) += site.ideal;
  return true;
}

bool prepare_local(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask,
                   std::uint32_t bytes, Access& access) {
  bool ok = true;
  each_lane(mask, [&](int l) {
    if (addresses[l] & (bytes - 1)) {
      ok = misaligned(warp, op, addresses, mask, bytes, "local");
    } else if (addresses[l] + bytes > warp.local_stride) {
      ok = false;
      warp.worker->report(warp, op, FindingKind::out_of_bounds, l, addresses[l], bytes,
                          "outside of the thread's local memory", LaunchError::illegal_address);
    }
    access.pointers[l] = warp.local + std::uint64_t{warp.local_stride} * l + addresses[l];
  });
  access.mask = mask;
  access.pattern = Access::Pattern::any;
  return ok;
}

bool prepare_parameter(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                       std::uint32_t mask, std::uint32_t bytes, Access& access) {
  const std::vector<std::byte>& parameters = warp.worker->context().configuration.parameters;
  const bool writes = is_write(direction);
  bool ok = true;
  each_lane(mask, [&](int l) {
    if (writes || addresses[l] + bytes > parameters.size() || (addresses[l] & (bytes - 1))) {
      ok = false;
      warp.worker->report(warp, op, writes ? FindingKind::write_to_constant : FindingKind::out_of_bounds, l,
                          addresses[l], bytes,
                          writes ? "a write into the kernel's parameters" : "outside of the kernel's parameters",
                          LaunchError::illegal_address);
    }
    access.pointers[l] = const_cast<std::byte*>(parameters.data()) + addresses[l];
  });
  access.mask = mask;
  access.pattern = Access::Pattern::any;
  return ok;
}

}  // namespace

bool prepare(Warp& warp, const MicroOp& op, Space space, Direction direction, const std::uint64_t* addresses,
             std::uint32_t mask, std::uint32_t bytes, Access& access) {
  switch (space) {
    case Space::shared:
      return prepare_shared(warp, op, direction, addresses, mask, bytes, access);
    case Space::local:
      return prepare_local(warp, op, addresses, mask, bytes, access);
    case Space::parameter:
      return prepare_parameter(warp, op, direction, addresses, mask, bytes, access);
    default:
      return prepare_global(warp, op, direction, addresses, mask, bytes, access);
  }
}

void load_addresses(const Warp& warp, const MicroOp& op, bool wide, std::uint64_t* addresses) {
  if (wide) {
    const auto* base = warp.at<std::uint64_t>(op.a);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) addresses[l] = base[l] + op.immediate;
  } else {
    const auto* base = warp.at<std::uint32_t>(op.a);
    const auto immediate = static_cast<std::uint32_t>(op.immediate);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) addresses[l] = base[l] + immediate;
  }
}

}  // namespace halyard::simulator
