#include <cstdint>

#include "../worker.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

enum class Shuffle : std::uint8_t { up, down, bfly, idx };

/// op.b: lane or distance, op.c: clamp and segment, op.e: predicate
void shuffle(Warp& w, const MicroOp& op) {
  u32 values[lanes], result[lanes], places[lanes];
  std::memcpy(values, w.at<u32>(op.a), sizeof(values));
  const u32 *b = w.at<u32>(op.b), *c = w.at<u32>(op.c);
  u32 inside = 0;
  for (int l = 0; l < lanes; ++l) {
    const u32 lane = static_cast<u32>(l), distance = b[l] & 31, clamp = c[l] & 31, segment = (c[l] >> 8) & 31;
    const u32 most = (lane & segment) | (clamp & ~segment), least = lane & segment;
    std::int32_t from;
    bool valid;
    switch (static_cast<Shuffle>(op.flags)) {
      case Shuffle::up:
        from = static_cast<std::int32_t>(lane) - static_cast<std::int32_t>(distance);
        valid = from >= static_cast<std::int32_t>(most);
        break;
      case Shuffle::down:
        from = static_cast<std::int32_t>(lane + distance);
        valid = from <= static_cast<std::int32_t>(most);
        break;
      case Shuffle::bfly:
        from = static_cast<std::int32_t>(lane ^ distance);
        valid = from <= static_cast<std::int32_t>(most);
        break;
      default:
        from = static_cast<std::int32_t>(least | (distance & ~segment));
        valid = from <= static_cast<std::int32_t>(most);
    }
    places[l] = valid ? static_cast<u32>(from) & 31 : lane;
    inside |= static_cast<u32>(valid) << l;
  }
  u32 unread = 0;
  for (int l = 0; l < lanes; ++l) {
    result[l] = values[places[l]];
    unread |= static_cast<u32>(!((w.mask >> places[l]) & 1)) << l;
  }
  if (unread & w.mask) {
    const int l = std::countr_zero(unread & w.mask);
    w.worker->report(w, op, FindingKind::invalid_instruction, l, 0, 0,
                     "a shuffle that reads lane " + std::to_string(places[l]) + ", which does not take part");
  }
  store_lanes(w.at<u32>(op.d), result, w.mask);
  w.set_predicate(op.e, inside);
}

void broadcast(Warp& w, u32 d, u32 value) {
  u32 all[lanes];
  for (u32& x : all) x = value;
  store_lanes(w.at<u32>(d), all, w.mask);
}

u32 source_votes(const Warp& w, const MicroOp& op) {
  return (w.predicate(op.a) ^ static_cast<u32>(op.immediate)) & w.mask;
}

void vote_all(Warp& w, const MicroOp& op) {
  w.set_predicate(op.d, source_votes(w, op) == w.mask ? ~0u : 0u);
}
void vote_any(Warp& w, const MicroOp& op) {
  w.set_predicate(op.d, source_votes(w, op) != 0 ? ~0u : 0u);
}
void vote_uniform(Warp& w, const MicroOp& op) {
  const u32 votes = source_votes(w, op);
  w.set_predicate(op.d, votes == 0 || votes == w.mask ? ~0u : 0u);
}
void vote_ballot(Warp& w, const MicroOp& op) {
  broadcast(w, op.d, source_votes(w, op));
}
void active_mask(Warp& w, const MicroOp& op) {
  broadcast(w, op.d, w.mask);
}

template <class T>
void match_any(Warp& w, const MicroOp& op) {
  T values[lanes];
  std::memcpy(values, w.at<T>(op.a), sizeof(values));
  each_lane(w.mask, [&](int l) {
    u32 same = 0;
    each_lane(w.mask, [&](int other) { same |= static_cast<u32>(values[other] == values[l]) << other; });
    w.at<u32>(op.d)[l] = same;
  });
}

template <class T>
void match_all(Warp& w, const MicroOp& op) {
  const T* a = w.at<T>(op.a);
  const T first = a[std::countr_zero(w.mask)];
  bool equal = true;
  each_lane(w.mask, [&](int l) { equal = equal && a[l] == first; });
  broadcast(w, op.d, equal ? w.mask : 0);
  w.set_predicate(op.e, equal ? ~0u : 0u);
}

template <auto F, class T>
void reduce_lanes(Warp& w, const MicroOp& op) {
  const T* a = w.at<T>(op.a);
  T result = a[std::countr_zero(w.mask)];
  each_lane(w.mask & (w.mask - 1), [&](int l) { result = F(result, a[l]); });
  broadcast(w, op.d, static_cast<u32>(result));
}

void elect_first(Warp& w, const MicroOp& op) {
  broadcast(w, op.d, static_cast<u32>(std::countr_zero(w.mask)));
  w.set_predicate(op.e, w.mask & (0 - w.mask));
}

}  // namespace

namespace decoders {

void shfl(Emitter& emitter) {
  if (!emitter.has("sync")) emitter.unsupported("shuffles without .sync");
  const Operand& to = emitter.operand(0);
  const u32 d = emitter.destination(to),
            p = to.second >= 0 ? emitter.predicate_of(to.second) : emitter.unused_predicate();
  const u32 a = emitter.narrow(emitter.operand(1)), b = emitter.narrow(emitter.operand(2)),
            c = emitter.narrow(emitter.operand(3));
  MicroOp& op = emitter.emit(shuffle, InstructionClass::exchange);
  op.d = d, op.e = p, op.a = a, op.b = b, op.c = c;
  op.flags = static_cast<std::uint16_t>(emitter.has("up")     ? Shuffle::up
                                        : emitter.has("down") ? Shuffle::down
                                        : emitter.has("bfly") ? Shuffle::bfly
                                                              : Shuffle::idx);
}

void vote(Emitter& emitter) {
  const bool ballot = emitter.has("ballot");
  const u32 d = ballot ? emitter.destination(emitter.operand(0)) : emitter.predicate(emitter.operand(0));
  const Operand& from = emitter.operand(1);
  // A number stands for a predicate that is the same for all.
  const bool is_number = from.kind == Operand::Kind::immediate;
  const u32 a = is_number ? 0 : emitter.predicate(from);
  MicroOp& op = emitter.emit(ballot               ? vote_ballot
                             : emitter.has("all") ? vote_all
                             : emitter.has("any") ? vote_any
                                                  : vote_uniform,
                             InstructionClass::exchange);
  op.d = d, op.a = a, op.immediate = (is_number ? from.bits == 0 : from.is_negated) ? 0xffffffff : 0;
}

void match(Emitter& emitter) {
  const bool is_wide = is_wide_type(emitter.type()), all = emitter.has("all");
  const Operand& to = emitter.operand(0);
  const u32 d = emitter.destination(to),
            p = to.second >= 0 ? emitter.predicate_of(to.second) : emitter.unused_predicate();
  const u32 a = is_wide ? emitter.wide(emitter.operand(1)) : emitter.narrow(emitter.operand(1));
  MicroOp& op =
      emitter.emit(all ? (is_wide ? match_all<u64> : match_all<u32>) : (is_wide ? match_any<u64> : match_any<u32>),
                   InstructionClass::exchange);
  op.d = d, op.e = p, op.a = a;
}

void redux(Emitter& emitter) {
  using i32 = std::int32_t;
  const std::string_view type = emitter.type();
  const bool is_signed_type = is_signed(type);
  Handler handler = nullptr;
  if (type == "f32") emitter.unsupported();
  if (emitter.has("add")) handler = reduce_lanes<[](u32 a, u32 b) { return a + b; }, u32>;
  if (emitter.has("and")) handler = reduce_lanes<[](u32 a, u32 b) { return a & b; }, u32>;
  if (emitter.has("or")) handler = reduce_lanes<[](u32 a, u32 b) { return a | b; }, u32>;
  if (emitter.has("xor")) handler = reduce_lanes<[](u32 a, u32 b) { return a ^ b; }, u32>;
  if (emitter.has("min"))
    handler = is_signed_type ? static_cast<Handler>(reduce_lanes<[](i32 a, i32 b) { return a < b ? a : b; }, i32>)
                             : reduce_lanes<[](u32 a, u32 b) { return a < b ? a : b; }, u32>;
  if (emitter.has("max"))
    handler = is_signed_type ? static_cast<Handler>(reduce_lanes<[](i32 a, i32 b) { return a < b ? b : a; }, i32>)
                             : reduce_lanes<[](u32 a, u32 b) { return a < b ? b : a; }, u32>;
  if (handler == nullptr) emitter.unsupported();
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.narrow(emitter.operand(1));
  MicroOp& op = emitter.emit(handler, InstructionClass::exchange);
  op.d = d, op.a = a;
}

void activemask(Emitter& emitter) {
  const u32 d = emitter.destination(emitter.operand(0));
  emitter.emit(active_mask, InstructionClass::exchange).d = d;
}

void elect(Emitter& emitter) {
  const Operand& to = emitter.operand(0);
  const u32 d = emitter.destination(to),
            p = to.second >= 0 ? emitter.predicate_of(to.second) : emitter.unused_predicate();
  MicroOp& op = emitter.emit(elect_first, InstructionClass::exchange);
  op.d = d, op.e = p;
}

}  // namespace decoders
}  // namespace halyard::simulator
