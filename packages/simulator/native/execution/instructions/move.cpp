#include <cstdint>

#include "../access/shared_place.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

void move_predicate(Warp& w, const MicroOp& op) {
  w.set_predicate(op.d, w.predicate(op.a) ^ static_cast<u32>(op.immediate));
}

/// From a special register, which is kept as a number.
void move_special_predicate(Warp& w, const MicroOp& op) {
  const u32* a = w.at<u32>(op.a);
  u32 bits = 0;
  for (int l = 0; l < lanes; ++l) bits |= static_cast<u32>(a[l] != 0) << l;
  w.set_predicate(op.d, bits);
}

/// One register from parts of it. list: sources; op.flags: bits of each.
void gather_parts(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  u64 result[lanes] = {};
  for (u32 i = 0; i < op.list_size; ++i) {
    const u32* part = w.at<u32>(list[i]);
    for (int l = 0; l < lanes; ++l)
      result[l] |= u64{op.flags == 32 ? part[l] : part[l] & ((1u << op.flags) - 1)} << (op.flags * i);
  }
  if (op.flags * op.list_size > 32) return store_lanes(w.at<u64>(op.d), result, w.mask);
  u32 narrow[lanes];
  for (int l = 0; l < lanes; ++l) narrow[l] = static_cast<u32>(result[l]);
  store_lanes(w.at<u32>(op.d), narrow, w.mask);
}

/// The parts of one register. list: destinations.
void scatter_parts(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  u64 value[lanes];
  const bool is_wide = op.flags * op.list_size > 32;
  for (int l = 0; l < lanes; ++l) value[l] = is_wide ? w.at<u64>(op.a)[l] : w.at<u32>(op.a)[l];
  for (u32 i = 0; i < op.list_size; ++i) {
    u32 part[lanes];
    for (int l = 0; l < lanes; ++l)
      part[l] = static_cast<u32>(value[l] >> (op.flags * i)) & (op.flags == 32 ? ~0u : (1u << op.flags) - 1);
    store_lanes(w.at<u32>(list[i]), part, w.mask);
  }
}

// A warp's own count of instructions stands for its clock.
void read_clock(Warp& w, const MicroOp& op) {
  ++w.instructions;
  u64 result[lanes];
  for (u64& x : result) x = w.instructions;
  if (op.flags) return store_lanes(w.at<u64>(op.d), result, w.mask);
  u32 narrow[lanes];
  for (u32& x : narrow) x = static_cast<u32>(w.instructions >> op.immediate);
  store_lanes(w.at<u32>(op.d), narrow, w.mask);
}

u32 part_bits(const Emitter& emitter, std::size_t count) {
  const std::string_view type = emitter.type();
  const u32 whole = is_wide_type(type) ? 64 : type.ends_with("128") ? 0 : is_16_bits(type) ? 16 : 32;
  if (whole == 0) emitter.unsupported("registers of 128 bits");
  return whole / static_cast<u32>(count);
}

void emit_parts(Emitter& emitter, bool gathers) {
  const Operand& vector = emitter.operand(gathers ? 1 : 0);
  const u32 bits = part_bits(emitter, vector.elements.size());
  std::vector<u32> list;
  for (const Operand& element : vector.elements)
    list.push_back(gathers ? emitter.narrow(element) : emitter.destination(element));
  const u32 other =
      gathers ? emitter.destination(emitter.operand(0)) : emitter.source(emitter.operand(1), emitter.type());
  MicroOp& op = emitter.emit(gathers ? gather_parts : scatter_parts, InstructionClass::move);
  (gathers ? op.d : op.a) = other;
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
  op.flags = static_cast<std::uint16_t>(bits);
}

u64 window_of(Emitter& emitter) {
  if (emitter.has("shared") || emitter.has("shared::cta") || emitter.has("shared::cluster")) return shared_window;
  if (emitter.has("local")) return local_window;
  if (emitter.has("param") || emitter.has("param::entry")) return parameter_window;
  if (emitter.has("global") || emitter.has("const")) return 0;
  emitter.unsupported();
}

void to_generic(Warp& w, const MicroOp& op) {
  const u64* a = w.at<u64>(op.a);
  u64 result[lanes];
  for (int l = 0; l < lanes; ++l) result[l] = a[l] | op.immediate;
  store_lanes(w.at<u64>(op.d), result, w.mask);
}

void from_generic(Warp& w, const MicroOp& op) {
  const u64* a = w.at<u64>(op.a);
  u64 result[lanes];
  for (int l = 0; l < lanes; ++l) result[l] = a[l] & ~op.immediate;
  store_lanes(w.at<u64>(op.d), result, w.mask);
}

void test_window(Warp& w, const MicroOp& op) {
  const u64* a = w.at<u64>(op.a);
  u32 bits = 0;
  for (int l = 0; l < lanes; ++l) bits |= static_cast<u32>((a[l] & window_mask) == op.immediate) << l;
  w.set_predicate(op.d, bits);
}

/// Whether an address lies in the block's own shared memory.
void test_own(Warp& w, const MicroOp& op) {
  const u64* a = w.at<u64>(op.a);
  u32 bits = 0;
  for (int l = 0; l < lanes; ++l) {
    const bool is_own = (a[l] & window_mask) == shared_window && locate_shared(w, a[l]).block == w.block;
    bits |= static_cast<u32>(is_own) << l;
  }
  w.set_predicate(op.d, bits);
}

}  // namespace

namespace decoders {

void mov(Emitter& emitter) {
  const std::string_view type = emitter.type();
  const Operand &to = emitter.operand(0), &from = emitter.operand(1);
  if (type == "pred") {
    const u32 d = emitter.predicate(to);
    if (from.kind == Operand::Kind::special) {
      const u32 a = emitter.narrow(from);
      MicroOp& op = emitter.emit(move_special_predicate, InstructionClass::move);
      op.d = d, op.a = a;
      return;
    }
    const bool is_number = from.kind == Operand::Kind::immediate;
    const u32 a = is_number ? 0 : emitter.predicate(from);
    MicroOp& op = emitter.emit(move_predicate, InstructionClass::move);
    op.d = d, op.a = a, op.immediate = (is_number && from.bits == 0) || from.is_negated ? 0xffffffff : 0;
    return;
  }
  if (from.kind == Operand::Kind::vector) return emit_parts(emitter, true);
  if (to.kind == Operand::Kind::vector) return emit_parts(emitter, false);
  if (from.kind == Operand::Kind::special &&
      (from.name.starts_with("%clock") || from.name.starts_with("%globaltimer"))) {
    const u32 d = emitter.destination(to);
    MicroOp& op = emitter.emit(read_clock, InstructionClass::move);
    op.d = d, op.flags = is_wide_type(type), op.immediate = from.name.ends_with("_hi") ? 32 : 0;
    return;
  }
  emit_lanewise(emitter, is_wide_type(type) ? unary<[](u64 a) { return a; }, u64> : unary<[](u32 a) { return a; }, u32>,
                InstructionClass::move, type);
}

void cvta(Emitter& emitter) {
  if (!is_wide_type(emitter.type())) emitter.unsupported();
  const u64 window = window_of(emitter);
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.wide(emitter.operand(1));
  MicroOp& op = emitter.emit(window == 0         ? static_cast<Handler>(unary<[](u64 x) { return x; }, u64>)
                             : emitter.has("to") ? from_generic
                                                 : to_generic,
                             InstructionClass::integer);
  op.d = d, op.a = a, op.immediate = window;
}

void isspacep(Emitter& emitter) {
  const u32 d = emitter.predicate(emitter.operand(0)), a = emitter.wide(emitter.operand(1));
  const u64 window = window_of(emitter);
  const bool is_own = window == shared_window && !emitter.has("shared::cluster");
  MicroOp& op = emitter.emit(is_own ? test_own : test_window, InstructionClass::integer);
  op.d = d, op.a = a, op.immediate = window;
}

}  // namespace decoders
}  // namespace halyard::simulator
