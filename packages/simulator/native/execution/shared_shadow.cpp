#include "shared_shadow.h"

#include <algorithm>

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

}  // namespace

void SharedShadow::reset(std::uint32_t bytes) {
  writers_.assign(bytes, 0);
  readers_.assign(bytes, 0);
}

bool SharedShadow::is_ordered(const Warp& warp, Tag tag) const {
  const std::uint32_t clock = tag >> warp_bits, who = tag & ((1u << warp_bits) - 1);
  if (who == warp.index || who == warp.index + atomically || clock <= warp.seen_by_all) return true;
  if (who >= several_atomically) {
    // Several readers, of whom only the latest clock is known: in doubt no fault.
    for (std::uint32_t w = 0; w < warp.seen.size(); ++w)
      if (w != warp.index && warp.seen[w] >= clock) return true;
    return false;
  }
  return clock <= warp.seen[who % atomically];
}

SharedFault SharedShadow::check_written(const Warp& warp, Tag tag, SharedFault fault, std::uint32_t& other) const {
  if (tag == pending) return SharedFault::pending_copy;
  if (tag == 0 || is_ordered(warp, tag)) return SharedFault::none;
  other = tag & ((1u << warp_bits) - 1);
  return fault;
}

SharedFault SharedShadow::read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  const Tag* writers = writers_.data() + offset;
  Tag* readers = readers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.index);
  if (!all_written(writers, bytes)) return SharedFault::uninitialized;
  if (!all_settled(writers, bytes, limit, own))
    for (std::uint32_t i = 0; i < bytes; ++i)
      if (const SharedFault fault = check_written(warp, writers[i], SharedFault::read_after_write, other);
          fault != SharedFault::none)
        return fault;
  const Tag crowd = tag(warp.clock, several);
#pragma GCC ivdep
  for (std::uint32_t i = 0; i < bytes; ++i) {
    const Tag before = readers[i];
    readers[i] = before < limit || before == own ? own : crowd;
  }
  return SharedFault::none;
}

SharedFault SharedShadow::write(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  Tag* writers = writers_.data() + offset;
  const Tag* readers = readers_.data() + offset;
  const Tag limit = tag(warp.seen_by_all + 1, 0), own = tag(warp.clock, warp.index);
  if (!all_settled(writers, bytes, limit, own))
    for (std::uint32_t i = 0; i < bytes; ++i)
      if (const SharedFault fault = check_written(warp, writers[i], SharedFault::write_after_write, other);
          fault != SharedFault::none)
        return fault;
  if (!all_settled(readers, bytes, limit, own))
    for (std::uint32_t i = 0; i < bytes; ++i)
      if (readers[i] != 0 && !is_ordered(warp, readers[i])) {
        other = readers[i] & ((1u << warp_bits) - 1);
        return SharedFault::write_after_read;
      }
  std::fill_n(writers, bytes, own);
  return SharedFault::none;
}

SharedFault SharedShadow::atomic(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) {
  Tag* writers = writers_.data() + offset;
  const Tag own = tag(warp.clock, warp.index + atomically);
  for (std::uint32_t i = 0; i < bytes; ++i) {
    if (writers[i] == 0) return SharedFault::uninitialized;
    const std::uint32_t who = writers[i] & ((1u << warp_bits) - 1);
    const bool is_atomic = writers[i] != pending && who >= atomically && who <= several_atomically;
    if (!is_atomic)
      if (const SharedFault fault = check_written(warp, writers[i], SharedFault::write_after_write, other);
          fault != SharedFault::none)
        return fault;
    // A plain write of its own that the others cannot have seen yet stays what they are compared with.
    if (writers[i] == tag(warp.clock, warp.index)) continue;
    writers[i] = is_atomic && !is_ordered(warp, writers[i]) ? tag(warp.clock, several_atomically) : own;
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
  std::fill_n(writers_.data() + offset, bytes, tag(warp.clock, warp.index));
}

void SharedShadow::settle(std::uint32_t offset, std::uint32_t bytes) {
  std::fill_n(writers_.data() + offset, bytes, Tag{1 << warp_bits | several});
}

void SharedShadow::restart_clocks() {
  for (Tag& t : writers_)
    if (t != 0 && t != pending) t = 1 << warp_bits | several;
  std::fill(readers_.begin(), readers_.end(), Tag{0});
}

}  // namespace halyard::simulator
