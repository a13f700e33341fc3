#include <algorithm>
#include <cstdint>

#include "../access/access.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// op.a: shared address (op.immediate added; flags 1: of 64 bits), op.b: global address of 64 bits, op.c: bytes to read
// (flags 2 says whether; the rest becomes zero), op.list: offset of the global address; op.bytes: size.

/// The bytes move at once; until they are waited for, nobody may look at them.
void copy_to_shared(Warp& w, const MicroOp& op) {
  u64 to[lanes], from[lanes];
  load_addresses(w, op, op.flags & 1, to);
  for (u64& x : to) x &= ~window_mask;
  const u64* base = w.at<u64>(op.b);
  const auto offset = static_cast<u64>(static_cast<std::int32_t>(op.list));
  u32 reading = 0;
  for (int l = 0; l < lanes; ++l) {
    from[l] = base[l] + offset;
    const u32 bytes = op.flags & 2 ? w.at<u32>(op.c)[l] : op.bytes;
    reading |= static_cast<u32>(bytes > 0) << l;
  }
  reading &= w.mask;
  Access source, target;
  if (reading != 0) {
    u32 least = op.bytes;
    if (op.flags & 2) each_lane(reading, [&](int l) { least = std::min(least, w.at<u32>(op.c)[l]); });
    // What is read partly is rare: then the least of the sizes is checked.
    const u32 checked = std::has_single_bit(least) ? least : 1;
    if (!prepare(w, op, Space::global, Direction::copy_from, from, reading, checked, source)) return;
  }
  if (!prepare(w, op, Space::shared, Direction::copy_to, to, w.mask, op.bytes, target)) return;
  each_lane(w.mask, [&](int l) {
    const u32 bytes = !((reading >> l) & 1) ? 0 : op.flags & 2 ? std::min<u32>(w.at<u32>(op.c)[l], op.bytes) : op.bytes;
    if (bytes > 0) std::memcpy(target.pointers[l], source.pointers[l], bytes);
    if (bytes < op.bytes) std::memset(target.pointers[l] + bytes, 0, op.bytes - bytes);
    if (!w.copies.empty() && target.pattern != Access::Pattern::uniform) {
      PendingCopy& last = w.copies.back();
      if (last.group == w.copy_group && last.batch == w.copy_batch && last.offset + last.bytes == to[l]) {
        last.bytes += op.bytes;
        return;
      }
    }
    w.copies.push_back({static_cast<u32>(to[l]), op.bytes, w.copy_group, w.copy_batch});
  });
}

void commit_group(Warp& w, const MicroOp&) {
  ++w.copy_group;
}

/// Waits until at most `op.immediate` groups are under way; flags 1: for everything, committed or not.
void wait_group(Warp& w, const MicroOp& op) {
  const u64 kept = op.flags & 1 ? 0 : op.immediate;
  const bool checks = w.worker->context().options.check_races;
  const auto is_done = [&](const PendingCopy& copy) { return op.flags & 1 ? true : copy.group + kept < w.copy_group; };
  bool is_shared = false;
  std::erase_if(w.copies, [&](const PendingCopy& copy) {
    if (!is_done(copy)) return false;
    if (!checks) return true;
    if (copy.batch < w.copy_batch) {
      w.block->shadow.land_copy(w, copy.offset, copy.bytes);
      is_shared = true;
    } else {
      w.block->shadow.finish_copy(w, copy.offset, copy.bytes);
    }
    return true;
  });
  if (is_shared) share_landing(w);
}

}  // namespace

namespace decoders {

void cp(Emitter& emitter) {
  if (emitter.has("async") && emitter.has("bulk")) return bulk_copy(emitter);
  if (!emitter.has("async") || emitter.has("reduce")) emitter.unsupported();
  if (emitter.has("mbarrier")) return copy_arrival(emitter);
  if (emitter.has("commit_group")) {
    emitter.emit(commit_group, InstructionClass::copy);
    return;
  }
  if (emitter.has("wait_group") || emitter.has("wait_all")) {
    const bool all = emitter.has("wait_all");
    const u64 kept = all ? 0 : emitter.operand(0).bits;
    MicroOp& op = emitter.emit(wait_group, InstructionClass::barrier);
    op.immediate = kept, op.flags = all ? 1 : 0;
    op.detail = TraceDetail::groups;
    return;
  }
  bool wide_target = false, wide_source = false;
  std::int64_t to_offset = 0, from_offset = 0;
  const u32 a = emitter.address_base(emitter.operand(0), wide_target, to_offset);
  const u32 b = emitter.address_base(emitter.operand(1), wide_source, from_offset);
  if (!wide_source || emitter.operand(2).kind != Operand::Kind::immediate) emitter.unsupported();
  const auto bytes = static_cast<std::uint8_t>(emitter.operand(2).bits);
  if (bytes != 4 && bytes != 8 && bytes != 16) emitter.fail("copies have 4, 8 or 16 bytes");
  u32 c = 0;
  const bool has_size = emitter.operands() > 3 && !(emitter.operands() == 4 && emitter.has("L2::cache_hint"));
  if (has_size) {
    if (emitter.operand(3).kind == Operand::Kind::reg && emitter.width(emitter.operand(3)) == Width::predicate)
      emitter.unsupported("a predicate that ignores the source");
    c = emitter.narrow(emitter.operand(3));
  }
  MicroOp& op = emitter.emit(copy_to_shared, InstructionClass::copy);
  op.a = a, op.b = b, op.c = c, op.immediate = static_cast<u64>(to_offset),
  op.list = static_cast<u32>(static_cast<std::int32_t>(from_offset));
  op.bytes = bytes;
  op.flags = static_cast<std::uint16_t>((wide_target ? 1 : 0) | (has_size ? 2 : 0));
}

}  // namespace decoders
}  // namespace halyard::simulator
