#include <string>

#include "faults.h"
#include "pattern.h"
#include "spaces.h"

namespace halyard::simulator {
namespace {

bool prepare_in(Block& block, Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                std::uint32_t mask, std::uint32_t bytes, const Deltas& deltas, Access& access) {
  const std::uint64_t least = deltas.first + static_cast<std::int64_t>(deltas.least);
  const std::uint64_t end = deltas.first + static_cast<std::int64_t>(deltas.most) + bytes;
  if (!deltas.is_near || least > block.shared_bytes || end > block.shared_bytes) {
    each_lane(mask, [&](int l) {
      if (addresses[l] + bytes > block.shared_bytes || addresses[l] > block.shared_bytes)
        shared_out_of_bounds(warp, op, direction, addresses[l], bytes, l);
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
      if (is_write(direction) && block.reads_in_flight.overlaps(at, count)) return SharedFault::read_in_flight;
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

/// Lanes whose addresses lie in the shared memory of another block, or of several.
bool prepare_around(Warp& warp, const MicroOp& op, Reach reach, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access) {
  access.mask = mask;
  access.pattern = Access::Pattern::any;
  for (std::uint32_t left = mask; left != 0;) {
    std::uint64_t offsets[lanes] = {};
    const SharedPlace first = find_shared(warp, op, reach, addresses[std::countr_zero(left)], std::countr_zero(left));
    if (first.block == nullptr) return false;
    std::uint32_t same = 0;
    each_lane(left, [&](int l) {
      const SharedPlace place = locate_shared(warp, addresses[l]);
      if (place.block != first.block) return;
      same |= 1u << l;
      offsets[l] = place.offset;
    });
    Deltas deltas;
    measure(offsets, same, deltas);
    Access part;
    if (!prepare_in(*first.block, warp, op, direction, offsets, same, bytes, deltas, part)) return false;
    each_lane(same, [&](int l) { access.pointers[l] = part.pointers[l]; });
    left &= ~same;
  }
  return true;
}

}  // namespace

bool prepare_shared(Warp& warp, const MicroOp& op, Reach reach, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access) {
  Deltas deltas;
  measure(addresses, mask, deltas);
  const bool is_own = deltas.is_near && deltas.first + static_cast<std::int64_t>(deltas.most) < 1u << rank_shift;
  return is_own ? prepare_in(*warp.block, warp, op, direction, addresses, mask, bytes, deltas, access)
                : prepare_around(warp, op, reach, direction, addresses, mask, bytes, access);
}

}  // namespace halyard::simulator
