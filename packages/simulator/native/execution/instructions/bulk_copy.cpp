#include "../asynchronous/bulk_copy.h"

#include <cstdint>

#include "../access/stretch.h"
#include "address_operand.h"
#include "decoders.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

constexpr u32 alignment = 16;

// list: destination, source, barrier (each an address), bytes.

bool is_whole(Warp& w, const MicroOp& op, u64 address, u32 bytes, int lane) {
  if (bytes % alignment == 0 && bytes != 0 && address % alignment == 0) return true;
  w.worker->report(w, op, FindingKind::misaligned_access, lane, address, bytes,
                   "a bulk copy of " + std::to_string(bytes) + " bytes; addresses and sizes are multiples of 16",
                   LaunchError::misaligned_address);
  return false;
}

void copy_in(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    const u32 bytes = w.at<u32>(list[3 * address_words])[l];
    const u64 to = shared_offset_at(w, list, l), from = address_at(w, list + address_words, l);
    if (w.state == WarpState::failed || !is_whole(w, op, from, bytes, l)) return;
    MemoryBarrier* barrier = find_memory_barrier(w, op, shared_offset_at(w, list + 2 * address_words, l), l);
    if (barrier == nullptr) return;
    std::byte* target = shared_stretch(w, op, Direction::copy_to, to, bytes, alignment, l);
    if (target == nullptr) return;
    const std::byte* source = global_stretch(w, op, Direction::copy_from, from, bytes, l);
    if (source == nullptr) return;
    SectorCount sectors;
    sectors.add(from, bytes);
    sectors.count(w, false);
    const SharedStretch stretch{static_cast<u32>(to), bytes};
    begin_bulk_write(w, op, stretch, l);
    std::memcpy(target, source, bytes);
    finish_bulk_write(w, op, *barrier, stretch, l);
  });
}

void copy_out(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    const u32 bytes = w.at<u32>(list[3 * address_words])[l];
    const u64 to = address_at(w, list, l), from = shared_offset_at(w, list + address_words, l);
    if (w.state == WarpState::failed || !is_whole(w, op, to, bytes, l)) return;
    const std::byte* source = shared_stretch(w, op, Direction::copy_from, from, bytes, alignment, l);
    if (source == nullptr) return;
    std::byte* target = global_stretch(w, op, Direction::store, to, bytes, l);
    if (target == nullptr) return;
    SectorCount sectors;
    sectors.add(to, bytes);
    sectors.count(w, true);
    begin_bulk_read(w, op, {static_cast<u32>(from), bytes}, l);
    std::memcpy(target, source, bytes);
  });
}

void commit_group(Warp& w, const MicroOp&) {
  each_lane(w.mask, [&](int l) { ++w.bulk_group[l]; });
}

void wait_group(Warp& w, const MicroOp& op) {
  each_lane(w.mask, [&](int l) { finish_bulk_reads(w, static_cast<u32>(op.immediate), l); });
}

void emit_copy(Emitter& emitter, bool is_in) {
  std::vector<u32> list;
  add_address(emitter, emitter.operand(0), list);
  add_address(emitter, emitter.operand(1), list);
  if (is_in)
    add_address(emitter, emitter.operand(3), list);
  else
    list.insert(list.end(), address_words, 0);
  list.push_back(emitter.narrow(emitter.operand(2)));
  MicroOp& op = emitter.emit(is_in ? copy_in : copy_out, InstructionClass::copy);
  if (is_in) op.detail = TraceDetail::fill;
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
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
  if (emitter.has("multicast::cluster")) emitter.unsupported("copies to several blocks of a cluster");
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
    emit_copy(emitter, true);
  } else if (goes(emitter, "shared", "shared")) {
    emitter.unsupported("copies between blocks of a cluster");
  } else if (goes(emitter, "global", "shared") && emitter.has("bulk_group")) {
    emit_copy(emitter, false);
  } else {
    emitter.unsupported();
  }
}

}  // namespace decoders
}  // namespace halyard::simulator
