#include <cmath>
#include <cstdint>

#include "../formats.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u16 = std::uint16_t;

// A register of f16x2 for 32 lanes is 64 halves side by side; one of f16 is the same with every other half zero. So
// both are computed as 64 floats, and what the upper halves became is masked away for f16.

constexpr int halves = 2 * lanes;

void widen(const Warp& w, u32 offset, bool is_bfloat, float* to) {
  const u16* from = w.at<u16>(offset);
  if (is_bfloat)
    bfloats_to_floats(from, to, halves);
  else
    halves_to_floats(from, to, halves);
}

void narrow(const Warp& w, const float* from, const MicroOp& op) {
  alignas(32) u32 result[lanes];
  if (op.flags & 1)
    floats_to_bfloats(from, reinterpret_cast<u16*>(result), halves);
  else
    floats_to_halves(from, reinterpret_cast<u16*>(result), halves);
  if (!(op.flags & 2))
    for (u32& word : result) word &= 0xffff;
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

// flags: 1 bf16, 2 pair, 4 saturates, 8 relu
template <auto F>
void half2_binary(Warp& w, const MicroOp& op) {
  alignas(32) float a[halves], b[halves];
  widen(w, op.a, op.flags & 1, a);
  widen(w, op.b, op.flags & 1, b);
#pragma GCC ivdep
  for (int i = 0; i < halves; ++i) a[i] = F(a[i], b[i]);
  if (op.flags & 4)
    for (float& x : a) x = x > 0 ? (x < 1 ? x : 1) : 0;
  narrow(w, a, op);
}

template <auto F>
void half2_unary(Warp& w, const MicroOp& op) {
  alignas(32) float a[halves];
  widen(w, op.a, op.flags & 1, a);
#pragma GCC ivdep
  for (int i = 0; i < halves; ++i) a[i] = F(a[i]);
  narrow(w, a, op);
}

/// a·b + c with one rounding: exact in double but for sums that lose bits, which are kept odd so that the second
/// rounding cannot go wrong.
inline float fused(float a, float b, float c) {
  const double product = static_cast<double>(a) * b, sum = product + c;
  const double part = sum - product, lost = (product - (sum - part)) + (c - part);
  const auto bits = std::bit_cast<std::uint64_t>(sum);
  const double odd = lost != 0 && !(bits & 1) && std::isfinite(sum)
                         ? std::bit_cast<double>((lost > 0) == (sum > 0) ? bits | 1 : bits - 1)
                         : sum;
  const auto rounded = static_cast<float>(odd);
  const auto float_bits = std::bit_cast<u32>(rounded);
  const double error = odd - static_cast<double>(rounded);
  if (error == 0 || (float_bits & 1) || !std::isfinite(rounded)) return rounded;
  return std::bit_cast<float>((error > 0) == (rounded > 0) ? float_bits | 1 : float_bits - 1);
}

void half2_fma(Warp& w, const MicroOp& op) {
  alignas(32) float a[halves], b[halves], c[halves];
  widen(w, op.a, op.flags & 1, a);
  widen(w, op.b, op.flags & 1, b);
  widen(w, op.c, op.flags & 1, c);
  for (int i = 0; i < halves; ++i) a[i] = fused(a[i], b[i], c[i]);
  if (op.flags & 4)
    for (float& x : a) x = x > 0 ? (x < 1 ? x : 1) : 0;
  if (op.flags & 8)
    for (float& x : a) x = x < 0 ? 0 : x;
  narrow(w, a, op);
}

enum class Relation : std::uint8_t { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };

bool holds(Relation relation, float a, float b) {
  const bool unordered = a != a || b != b;
  switch (relation) {
    case Relation::eq:
      return a == b;
    case Relation::ne:
      return !unordered && a != b;
    case Relation::lt:
      return a < b;
    case Relation::le:
      return a <= b;
    case Relation::gt:
      return a > b;
    case Relation::ge:
      return a >= b;
    case Relation::equ:
      return unordered || a == b;
    case Relation::neu:
      return a != b;
    case Relation::ltu:
      return !(a >= b);
    case Relation::leu:
      return !(a > b);
    case Relation::gtu:
      return !(a <= b);
    case Relation::geu:
      return !(a < b);
    case Relation::num:
      return !unordered;
    case Relation::nan:
      return unordered;
  }
  return false;
}

void half2_compare(Warp& w, const MicroOp& op) {
  alignas(32) float a[halves], b[halves];
  widen(w, op.a, op.flags & 1, a);
  widen(w, op.b, op.flags & 1, b);
  u32 low = 0, high = 0;
  for (int l = 0; l < lanes; ++l) {
    low |= static_cast<u32>(holds(static_cast<Relation>(op.immediate), a[2 * l], b[2 * l])) << l;
    high |= static_cast<u32>(holds(static_cast<Relation>(op.immediate), a[2 * l + 1], b[2 * l + 1])) << l;
  }
  w.set_predicate(op.d, low);
  if (op.flags & 2)
    w.set_predicate(op.e, high);
  else
    w.set_predicate(op.e, ~low);
}

bool half_type(std::string_view type, u16& flags) {
  if (type == "f16")
    flags = 0;
  else if (type == "bf16")
    flags = 1;
  else if (type == "f16x2")
    flags = 2;
  else if (type == "bf16x2")
    flags = 3;
  else
    return false;
  return true;
}

std::string_view bits_of(u16 flags) {
  return flags & 2 ? "b32" : "b16";
}

constexpr float not_a_number = std::bit_cast<float>(0x7fffffffu);
constexpr auto min_number = [](float a, float b) {
  return a != a ? b : b != b ? a : a == b ? (std::signbit(a) ? a : b) : a < b ? a : b;
};
constexpr auto max_number = [](float a, float b) {
  return a != a ? b : b != b ? a : a == b ? (std::signbit(a) ? b : a) : a > b ? a : b;
};
constexpr auto min_nan = [](float a, float b) { return a != a || b != b ? not_a_number : min_number(a, b); };
constexpr auto max_nan = [](float a, float b) { return a != a || b != b ? not_a_number : max_number(a, b); };

}  // namespace

namespace decoders {

bool half_binary(Emitter& emitter) {
  u16 flags;
  if (!half_type(emitter.type(), flags)) return false;
  const std::string_view name = emitter.statement().parts[0];
  const bool nan = emitter.has("NaN");
  Handler handler = nullptr;
  if (name == "add") handler = half2_binary<[](float a, float b) { return a + b; }>;
  if (name == "sub") handler = half2_binary<[](float a, float b) { return a - b; }>;
  if (name == "mul") handler = half2_binary<[](float a, float b) { return a * b; }>;
  if (name == "min") handler = nan ? half2_binary<min_nan> : half2_binary<min_number>;
  if (name == "max") handler = nan ? half2_binary<max_nan> : half2_binary<max_number>;
  if (handler == nullptr || emitter.operands() != 3 || emitter.has("xorsign")) emitter.unsupported();
  emit_lanewise(emitter, handler, InstructionClass::float16, bits_of(flags)).flags =
      flags | (emitter.has("sat") ? 4 : 0);
  return true;
}

bool half_unary(Emitter& emitter) {
  u16 flags;
  if (!half_type(emitter.type(), flags)) return false;
  const bool is_abs = emitter.statement().parts[0] == "abs", pair = flags & 2;
  emit_lanewise(
      emitter,
      is_abs ? (pair ? unary<[](u32 a) { return a & 0x7fff7fff; }, u32> : unary<[](u32 a) { return a & 0x7fff; }, u32>)
             : (pair ? unary<[](u32 a) { return a ^ 0x80008000; }, u32> : unary<[](u32 a) { return a ^ 0x8000; }, u32>),
      InstructionClass::float16, bits_of(flags));
  return true;
}

bool half_fma(Emitter& emitter) {
  u16 flags;
  if (!half_type(emitter.type(), flags)) return false;
  emit_lanewise(emitter, half2_fma, InstructionClass::float16, bits_of(flags)).flags =
      flags | (emitter.has("sat") ? 4 : 0) | (emitter.has("relu") ? 8 : 0);
  return true;
}

bool half_special(Emitter& emitter) {
  u16 flags;
  if (!half_type(emitter.type(), flags)) return false;
  const bool is_tanh = emitter.statement().parts[0] == "tanh";
  emit_lanewise(
      emitter,
      is_tanh ? half2_unary<[](float x) { return std::tanh(x); }> : half2_unary<[](float x) { return std::exp2(x); }>,
      InstructionClass::special, bits_of(flags))
      .flags = flags;
  return true;
}

bool half_compare(Emitter& emitter) {
  static const std::string_view names[] = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                           "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};
  u16 flags;
  if (!half_type(emitter.type(), flags)) return false;
  const Operand& to = emitter.operand(0);
  const u32 d = emitter.predicate(to),
            second = to.second >= 0 ? emitter.predicate_of(to.second) : emitter.unused_predicate();
  const u32 a = emitter.source(emitter.operand(1), bits_of(flags)),
            b = emitter.source(emitter.operand(2), bits_of(flags));
  if (emitter.operands() != 3 || emitter.statement().parts.size() < 2)
    emitter.unsupported("a third predicate for halves, or no comparison");
  MicroOp& op = emitter.emit(half2_compare, InstructionClass::float16);
  op.d = d, op.e = second, op.a = a, op.b = b, op.flags = flags;
  for (std::uint64_t i = 0; i < 14; ++i)
    if (emitter.statement().parts[1] == names[i]) return op.immediate = i, true;
  emitter.unsupported();
}

}  // namespace decoders
}  // namespace halyard::simulator
