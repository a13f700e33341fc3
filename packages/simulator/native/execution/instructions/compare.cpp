#include <cstdint>

#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// flags: 1 a third predicate takes part, 2 it is negated, 4 or, 8 xor (else and); op.c: that predicate
void finish(Warp& w, const MicroOp& op, u32 result) {
  u32 negation = ~result;
  if (op.flags & 1) {
    const u32 third = w.predicate(op.c) ^ (op.flags & 2 ? ~0u : 0u);
    const auto join = [&](u32 x) { return op.flags & 4 ? x | third : op.flags & 8 ? x ^ third : x & third; };
    result = join(result);
    negation = join(negation);
  }
  w.set_predicate(op.e, negation);
  w.set_predicate(op.d, result);
}

template <auto F, class A>
void compare(Warp& w, const MicroOp& op) {
  finish(w, op, compare_lanes<F, A>(w, op));
}

template <class A, auto convert>
Handler find_comparison(std::string_view name) {
  if (name == "eq") return compare<[](A a, A b) { return convert(a) == convert(b); }, A>;
  if (name == "ne") return compare<[](A a, A b) { return convert(a) != convert(b); }, A>;
  if (name == "lt" || name == "lo") return compare<[](A a, A b) { return convert(a) < convert(b); }, A>;
  if (name == "le" || name == "ls") return compare<[](A a, A b) { return convert(a) <= convert(b); }, A>;
  if (name == "gt" || name == "hi") return compare<[](A a, A b) { return (convert(a) > convert(b)); }, A>;
  if (name == "ge" || name == "hs") return compare<[](A a, A b) { return (convert(a) >= convert(b)); }, A>;
  return nullptr;
}

template <class A>
Handler find_float_comparison(std::string_view name) {
  if (name == "eq") return compare<[](A a, A b) { return a == b; }, A>;
  if (name == "ne") return compare<[](A a, A b) { return (a < b) | (a > b); }, A>;
  if (name == "lt") return compare<[](A a, A b) { return a < b; }, A>;
  if (name == "le") return compare<[](A a, A b) { return a <= b; }, A>;
  if (name == "gt") return compare<[](A a, A b) { return (a > b); }, A>;
  if (name == "ge") return compare<[](A a, A b) { return (a >= b); }, A>;
  if (name == "equ") return compare<[](A a, A b) { return !((a < b) | (a > b)); }, A>;
  if (name == "neu") return compare<[](A a, A b) { return a != b; }, A>;
  if (name == "ltu") return compare<[](A a, A b) { return !(a >= b); }, A>;
  if (name == "leu") return compare<[](A a, A b) { return !(a > b); }, A>;
  if (name == "gtu") return compare<[](A a, A b) { return !(a <= b); }, A>;
  if (name == "geu") return compare<[](A a, A b) { return !(a < b); }, A>;
  if (name == "num") return compare<[](A a, A b) { return (a == a) & (b == b); }, A>;
  if (name == "nan") return compare<[](A a, A b) { return (a != a) | (b != b); }, A>;
  return nullptr;
}

Handler find(std::string_view name, std::string_view type) {
  constexpr auto same = [](auto x) { return x; };
  if (type == "u16" || type == "b16" || type == "u32" || type == "b32") return find_comparison<u32, same>(name);
  if (type == "s16") return find_comparison<u32, [](u32 x) { return static_cast<std::int16_t>(x); }>(name);
  if (type == "s32") return find_comparison<std::int32_t, same>(name);
  if (type == "u64" || type == "b64") return find_comparison<u64, same>(name);
  if (type == "s64") return find_comparison<std::int64_t, same>(name);
  if (type == "f32") return find_float_comparison<float>(name);
  if (type == "f64") return find_float_comparison<double>(name);
  return nullptr;
}

template <class T>
void select(Warp& w, const MicroOp& op) {
  const T *a = w.at<T>(op.a), *b = w.at<T>(op.b);
  T* d = w.at<T>(op.d);
  const u32 p = w.predicate(op.c) ^ (op.flags & 2 ? ~0u : 0u);
  if (w.mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) d[l] = (p & (1u << l)) ? a[l] : b[l];
    return;
  }
  T result[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) result[l] = (p & (1u << l)) ? a[l] : b[l];
  store_lanes(d, result, w.mask);
}

/// Behind a comparison into `op.a`: all ones, or 1.0 where a float is asked for.
void to_words(Warp& w, const MicroOp& op) {
  const u32 p = w.predicate(op.a);
  u32 result[lanes];
  for (int l = 0; l < lanes; ++l) result[l] = (p >> l) & 1 ? static_cast<u32>(op.immediate) : 0;
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

/// Operands from `first` on: a, b and perhaps a predicate.
MicroOp& emit_comparison(Emitter& emitter, u32 d, u32 second, std::string_view type) {
  if (emitter.statement().parts.size() < 2) emitter.unsupported();
  const Handler handler = find(emitter.statement().parts[1], type);
  if (handler == nullptr) emitter.unsupported();
  const u32 a = emitter.source(emitter.operand(1), type), b = emitter.source(emitter.operand(2), type);
  u32 c = 0;
  std::uint16_t flags = 0;
  if (emitter.operands() > 3) {
    c = emitter.predicate(emitter.operand(3));
    flags = static_cast<std::uint16_t>(1 | (emitter.operand(3).is_negated ? 2 : 0) | (emitter.has("or") ? 4 : 0) |
                                       (emitter.has("xor") ? 8 : 0));
  }
  MicroOp& op = emitter.emit(handler, type == "f32"   ? InstructionClass::float32
                                      : type == "f64" ? InstructionClass::float64
                                                      : InstructionClass::integer);
  op.d = d, op.e = second, op.a = a, op.b = b, op.c = c, op.flags = flags;
  return op;
}

}  // namespace

namespace decoders {

void setp(Emitter& emitter) {
  if (half_compare(emitter)) return;
  const Operand& to = emitter.operand(0);
  emit_comparison(emitter, emitter.predicate(to),
                  to.second >= 0 ? emitter.predicate_of(to.second) : emitter.unused_predicate(), emitter.type());
}

void set(Emitter& emitter) {
  const std::string_view to = emitter.type(1);
  const u32 d = emitter.destination(emitter.operand(0));
  if (is_wide_type(to) || to.ends_with("16") || to.ends_with("x2") || emitter.type().ends_with("16") ||
      emitter.type().ends_with("x2"))
    emitter.unsupported();
  emit_comparison(emitter, emitter.unused_predicate(), emitter.unused_predicate(), emitter.type());
  MicroOp& op = emitter.emit(to_words, InstructionClass::integer);
  op.d = d, op.a = emitter.unused_predicate(), op.immediate = to == "f32" ? 0x3f800000 : 0xffffffff, op.line = 0;
}

void selp(Emitter& emitter) {
  const std::string_view type = emitter.type();
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
            b = emitter.source(emitter.operand(2), type);
  const u32 p = emitter.predicate(emitter.operand(3));
  MicroOp& op = emitter.emit(is_wide_type(type) ? select<u64> : select<u32>, InstructionClass::move);
  op.d = d, op.a = a, op.b = b, op.c = p, op.flags = emitter.operand(3).is_negated ? 2 : 0;
}

void slct(Emitter& emitter) {
  const std::string_view type = emitter.type(1);
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
            b = emitter.source(emitter.operand(2), type), c = emitter.narrow(emitter.operand(3), true);
  const bool is_float = emitter.type() == "f32";
  Handler handler;
  if (is_wide_type(type))
    handler = is_float ? ternary<[](u64 x, u64 y, float s) { return (s >= 0) ? x : y; }, u64, u64, float>
                       : ternary<[](u64 x, u64 y, std::int32_t s) { return (s >= 0) ? x : y; }, u64, u64, std::int32_t>;
  else
    handler = is_float ? ternary<[](u32 x, u32 y, float s) { return (s >= 0) ? x : y; }, u32, u32, float>
                       : ternary<[](u32 x, u32 y, std::int32_t s) { return (s >= 0) ? x : y; }, u32, u32, std::int32_t>;
  MicroOp& op = emitter.emit(handler, InstructionClass::move);
  op.d = d, op.a = a, op.b = b, op.c = c;
}

}  // namespace decoders
}  // namespace halyard::simulator
