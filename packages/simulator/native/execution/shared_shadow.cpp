#include "shared_shadow.h"

#include <algorithm>
#include <bit>

namespace halyard::simulator {
namespace {

using Tag = SharedShadow::Tag;

/// Whether all tags lie below `limit` or equal `own`. Written so that it becomes vector instructions.
inline bool all_settled(const Tag* tags, std::uint32_t count, Tag limit, Tag own) {
  std::uint32_t bad = 0;
#pragma GCC ivdep
  for (std::uint32_t i = 0; i < count; ++i)
    bad |= static_cast<std::uint32_t>(tags[i] >= limit) & static_cast<std::uint32_t>(tags[i] != own);
  return bad == 0;
}

inline bool all_written(const Tag* tags, std::uint32_t count) {
  std::uint32_t bad = 0;
#pragma GCC ivdep
  for (std::uint32_t i = 0; i < count; ++i) bad |= tags[i] == 0;
  return bad == 0;
}

/// Both at once, which is what nearly every read finds.
inline bool all_written_and_settled(const Tag* tags, std::uint32_t count, Tag limit, Tag own) {
  std::uint32_t bad = 0;
#pragma GCC ivdep
  for (std::uint32_t i = 0; i < count; ++i)
    bad |= static_cast<std::uint32_t>(static_cast<Tag>(tags[i] - 1) >= static_cast<Tag>(limit - 1)) &
           static_cast<std::uint32_t>(tags[i] != own);
  return bad == 0;
}

}  // namespace

void SharedShadow::reset(std::uint32_t bytes, std::uint32_t warps) {
  landed_warp_bits_ = static_cast<std::uint32_t>(std::bit_width(std::max(warps, 32u) - 1));
  warp_bits_ = landed_warp_bits_ + 2;
  writers_.assign(bytes, 0);
  readers_.assign(bytes, 0);
}

Tag SharedShadow::landing_tag(const Warp& warp) const {
  return static_cast<Tag>(landed | warp.landing_clock << landed_warp_bits_ | warp.number);
}

bool SharedShadow::is_ordered(const Warp& warp, Tag tag) const {
  if (tag & landed) {
    const std::uint32_t waiter = tag & ((1u << landed_warp_bits_) - 1),
                        landing_clock = static_cast<std::uint32_t>(tag ^ landed) >> landed_warp_bits_;
    return waiter == warp.number || landing_clock <= warp.known.landed[waiter];
  }
  const std::uint32_t clock = tag >> warp_bits_, who = warp_in(tag);
  if (who == warp.number || who == warp.number + atomically() || clock <= warp.seen_by_all) return true;
  if (who >= several_atomically()) {
    // Several readers, of whom only the latest clock is known: in doubt no fault.
    for (std::uint32_t w = 0; w < warp.known.generic.size(); ++w)
      if (w != warp.number && warp.known.generic[w] >= clock) return true;
    return false;
  }
  return clock <= warp.known.generic[who % atomically()];
}

SharedFault SharedShadow::check_written(const Warp& warp, Tag tag, SharedFault fault, std::uint32_t& other) const {
  if (tag == pending) return SharedFault::pending_copy;
  if (tag == 0 || is_ordered(warp, tag)) return SharedFault::none;
  other = culprit(tag);
  return fault;
}

SharedFault SharedShadow::check_all_written(const Warp& warp, std::uint32_t offset, std::uint32_t bytes,
                                            SharedFault fault, std::uint32_t& other) const {
  const Tag* writers = writers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.number);
  if (all_settled(writers, bytes, limit, own)) return SharedFault::none;
  for (std::uint32_t i = 0; i < bytes; ++i) {
    if (i > 0 && writers[i] == writers[i - 1]) continue;
    if (const SharedFault found = check_written(warp, writers[i], fault, other); found != SharedFault::none)
      return found;
  }
  return SharedFault::none;
}

SharedFault SharedShadow::check(const Warp& warp, std::uint32_t offset, std::uint32_t bytes,
                                std::uint32_t& other) const {
  const Tag* writers = writers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.number);
  if (all_written_and_settled(writers, bytes, limit, own)) return SharedFault::none;
  if (!all_written(writers, bytes)) return SharedFault::uninitialized;
  return check_all_written(warp, offset, bytes, SharedFault::read_after_write, other);
}

SharedFault SharedShadow::check_asynchronous(const Warp& warp, std::uint32_t offset, std::uint32_t bytes,
                                             std::uint32_t& other) const {
  if (const SharedFault fault = check(warp, offset, bytes, other); fault != SharedFault::none) return fault;
  const Tag* writers = writers_.data() + offset;
  for (std::uint32_t i = 0; i < bytes; ++i) {
    if ((i > 0 && writers[i] == writers[i - 1]) || writers[i] & landed) continue;
    const std::uint32_t clock = writers[i] >> warp_bits_, who = warp_in(writers[i]);
    if (who >= several_atomically() || clock <= warp.known.fenced[who % atomically()]) continue;
    other = who;
    return SharedFault::unfenced;
  }
  return SharedFault::none;
}

void SharedShadow::mark_read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes) {
  Tag* readers = readers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.number),
            crowd = tag(warp.clock, several());
  const auto who = static_cast<Tag>(landed | several());
#pragma GCC ivdep
  for (std::uint32_t i = 0; i < bytes; ++i) {
    const Tag before = readers[i];
    const bool is_own = ((before ^ own) & who) == 0;  // at whatever clock
    readers[i] = before < limit || is_own ? own : crowd;
  }
}

SharedFault SharedShadow::read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  const SharedFault fault = check(warp, offset, bytes, other);
  if (fault == SharedFault::none) mark_read(warp, offset, bytes);
  return fault;
}

SharedFault SharedShadow::write(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  if (const SharedFault fault = check_all_written(warp, offset, bytes, SharedFault::write_after_write, other);
      fault != SharedFault::none)
    return fault;
  const Tag* readers = readers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.number);
  if (!all_settled(readers, bytes, limit, own))
    for (std::uint32_t i = 0; i < bytes; ++i)
      if (readers[i] != 0 && !is_ordered(warp, readers[i])) {
        other = culprit(readers[i]);
        return SharedFault::write_after_read;
      }
  std::fill_n(writers_.data() + offset, bytes, own);
  return SharedFault::none;
}

SharedFault SharedShadow::atomic(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  Tag* writers = writers_.data() + offset;
  const Tag own = tag(warp.clock, warp.number + atomically());
  for (std::uint32_t i = 0; i < bytes; ++i) {
    if (writers[i] == 0) return SharedFault::uninitialized;
    const std::uint32_t who = warp_in(writers[i]);
    const bool is_atomic = !(writers[i] & landed) && who >= atomically() && who <= several_atomically();
    if (!is_atomic)
      if (const SharedFault fault = check_written(warp, writers[i], SharedFault::write_after_write, other);
          fault != SharedFault::none)
        return fault;
    // A plain write of its own that the others cannot have seen yet stays what they are compared with.
    if (writers[i] == tag(warp.clock, warp.number)) continue;
    writers[i] = is_atomic && !is_ordered(warp, writers[i]) ? tag(warp.clock, several_atomically()) : own;
  }
  return SharedFault::none;
}

SharedFault SharedShadow::begin_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes,
                                     std::uint32_t& other) {
  const SharedFault fault = write(warp, offset, bytes, other);
  std::fill_n(writers_.data() + offset, bytes, pending);
  return fault;
}

void SharedShadow::finish_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes) {
  std::fill_n(writers_.data() + offset, bytes, tag(warp.clock, warp.number));
}

void SharedShadow::land_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes) {
  std::fill_n(writers_.data() + offset, bytes, landing_tag(warp));
}

void SharedShadow::land_read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes) {
  std::fill_n(readers_.data() + offset, bytes, landing_tag(warp));
}

void SharedShadow::settle(std::uint32_t offset, std::uint32_t bytes) {
  std::fill_n(writers_.data() + offset, bytes, tag(1, several()));
}

void SharedShadow::restart_clocks() {
  for (Tag& t : writers_)
    if (t != 0 && t != pending) t = tag(1, several());
  std::fill(readers_.begin(), readers_.end(), Tag{0});
}

}  // namespace halyard::simulator
