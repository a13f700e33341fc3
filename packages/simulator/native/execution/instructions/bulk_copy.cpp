#include "../asynchronous/bulk_copy.h"

#include <cstdint>

#include "../access/faults.h"
#include "../access/shared_place.h"
#include "../access/stretch.h"
#include "../asynchronous/destinations.h"
#include "address_operand.h"
#include "decoders.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

constexpr u32 alignment = 16;

// list: destination, source, barrier (each an address), bytes, and of a multicast (op.flags) the mask of ranks.

bool is_whole(Warp& w, const MicroOp& op, u64 address, u32 bytes, int lane) {
  if (bytes % alignment == 0 && bytes != 0 && address % alignment == 0) return true;
  w.worker->report(w, op, FindingKind::misaligned_access, lane, address, bytes,
                   "a bulk copy of " + std::to_string(bytes) + " bytes; addresses and sizes are multiples of 16",
                   LaunchError::misaligned_address);
  return false;
}

/// Shared memory of the block that a copy to another one reads.
const std::byte* read_shared(Warp& w, const MicroOp& op, u64 address, u32 bytes, int lane) {
  const SharedPlace from = find_shared(w, op, Reach::block, address, lane);
  if (from.block == nullptr) return nullptr;
  const std::byte* source =
      shared_stretch(w, op, *from.block, Direction::copy_from, from.offset, bytes, alignment, lane);
  if (source == nullptr || !w.worker->context().options.check_races) return source;
  u32 other = 0;
  const auto offset = static_cast<u32>(from.offset);
  const SharedFault fault = w.block->shadow.check_asynchronous(w, offset, bytes, other);
  if (fault != SharedFault::none) report_shared(w, op, fault, offset, bytes, lane, other);
  return source;
}

/// op.e: whether the source is the block's own shared memory.
void copy_in(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    FillAddresses addresses;
    addresses.bytes = addresses.room = w.at<u32>(list[3 * address_words])[l];
    addresses.memory = address_at(w, list, l);
    addresses.barrier = address_at(w, list + 2 * address_words, l);
    addresses.is_multicast = op.flags != 0;
    if (addresses.is_multicast) addresses.ranks = w.at<u32>(list[3 * address_words + 1])[l] & 0xffff;
    const u64 from = address_at(w, list + address_words, l);
    if (w.state == WarpState::failed || !is_whole(w, op, from, addresses.bytes, l)) return;
    const Destinations to = find_destinations(w, op, addresses, l);
    if (to.blocks.empty()) return;
    const std::byte* source = op.e ? read_shared(w, op, from, addresses.bytes, l)
                                   : global_stretch(w, op, Direction::copy_from, from, addresses.bytes, l);
    if (source == nullptr) return;
    if (!op.e) {
      SectorCount sectors;
      sectors.add(from, addresses.bytes);
      sectors.count(w, false, to.blocks.size());
    }
    begin_fill(w, op, to, l);
    for (const Destination& destination : to.blocks)
      std::memcpy(destination.block->shared + to.stretch.offset, source, addresses.bytes);
    finish_fill(w, op, to, l);
  });
}

void copy_out(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    const u32 bytes = w.at<u32>(list[3 * address_words])[l];
    const u64 to = address_at(w, list, l);
    if (w.state == WarpState::failed || !is_whole(w, op, to, bytes, l)) return;
    const SharedPlace from = find_shared(w, op, Reach::block, address_at(w, list + address_words, l), l);
    if (from.block == nullptr) return;
    const std::byte* source =
        shared_stretch(w, op, *from.block, Direction::copy_from, from.offset, bytes, alignment, l);
    if (source == nullptr) return;
    std::byte* target = global_stretch(w, op, Direction::store, to, bytes, l);
    if (target == nullptr) return;
    SectorCount sectors;
    sectors.add(to, bytes);
    sectors.count(w, true);
    begin_bulk_read(w, op, {static_cast<u32>(from.offset), bytes}, l);
    std::memcpy(target, source, bytes);
  });
}

void commit_group(Warp& w, const MicroOp&) {
  each_lane(w.mask, [&](int l) { ++w.bulk_group[l]; });
}

void wait_group(Warp& w, const MicroOp& op) {
  each_lane(w.mask, [&](int l) { finish_bulk_reads(w, static_cast<u32>(op.immediate), l); });
}

enum class Way : std::uint8_t { global_to_shared, shared_to_shared, shared_to_global };

void emit_copy(Emitter& emitter, Way way) {
  const bool fills = way != Way::shared_to_global, is_multicast = emitter.has("multicast::cluster");
  std::vector<u32> list;
  add_address(emitter, emitter.operand(0), list);
  add_address(emitter, emitter.operand(1), list);
  if (fills)
    add_address(emitter, emitter.operand(3), list);
  else
    list.insert(list.end(), address_words, 0);
  list.push_back(emitter.narrow(emitter.operand(2)));
  if (is_multicast) list.push_back(emitter.narrow(emitter.operand(4)));
  MicroOp& op = emitter.emit(fills ? copy_in : copy_out, InstructionClass::copy);
  if (fills) op.detail = TraceDetail::fill;
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
  op.flags = is_multicast;
  op.e = way == Way::shared_to_shared;
}

/// "dst.src" of `cp.async.bulk.dst.src`: the first two state spaces.
bool goes(const Emitter& emitter, std::string_view to, std::string_view from) {
  const auto& parts = emitter.statement().parts;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (parts[i].starts_with(to) && parts[i + 1].starts_with(from)) return true;
  return false;
}

}  // namespace

namespace decoders {

void bulk_copy(Emitter& emitter) {
  if (emitter.has("reduce") || emitter.has("cp_mask") || emitter.has("ignore_oob")) emitter.unsupported();
  if (emitter.has("commit_group")) {
    emitter.emit(commit_group, InstructionClass::copy);
  } else if (emitter.has("wait_group")) {
    const u64 kept = emitter.operand(0).bits;
    MicroOp& op = emitter.emit(wait_group, InstructionClass::barrier);
    op.immediate = kept, op.detail = TraceDetail::groups;
  } else if (emitter.has("tensor")) {
    tile_copy(emitter);
  } else if (emitter.has("prefetch")) {
    emitter.emit([](Warp&, const MicroOp&) {}, InstructionClass::copy);
  } else if (goes(emitter, "shared", "global")) {
    emit_copy(emitter, Way::global_to_shared);
  } else if (goes(emitter, "shared", "shared")) {
    emit_copy(emitter, Way::shared_to_shared);
  } else if (goes(emitter, "global", "shared") && emitter.has("bulk_group")) {
    emit_copy(emitter, Way::shared_to_global);
  } else {
    emitter.unsupported();
  }
}

}  // namespace decoders
}  // namespace halyard::simulator
