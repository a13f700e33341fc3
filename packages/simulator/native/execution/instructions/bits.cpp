#include <bit>
#include <cstdint>

#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using i32 = std::int32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

/// and, or, xor of predicates: words of bits.
template <auto F>
void predicate_logic(Warp& w, const MicroOp& op) {
  w.set_predicate(op.d, F(w.predicate(op.a), w.predicate(op.b)));
}
void predicate_not(Warp& w, const MicroOp& op) {
  w.set_predicate(op.d, ~w.predicate(op.a));
}

template <auto F32, auto F64, auto P>
void emit_logic(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (type == "pred") {
    const u32 d = emitter.predicate(emitter.operand(0)), a = emitter.predicate(emitter.operand(1)),
              b = emitter.predicate(emitter.operand(2));
    MicroOp& op = emitter.emit(predicate_logic<P>, InstructionClass::integer);
    op.d = d, op.a = a, op.b = b;
    return;
  }
  emit_lanewise(emitter, is_wide_type(type) ? binary<F64, u64> : binary<F32, u32>, InstructionClass::integer, type);
}

/// The shift's distance is of 32 bits whatever the type; too large ones shift all bits out.
void emit_shift(Emitter& emitter, Handler handler) {
  const std::string_view type = emitter.type();
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
            b = emitter.narrow(emitter.operand(2));
  MicroOp& op = emitter.emit(handler, InstructionClass::integer);
  op.d = d, op.a = a, op.b = b;
}

constexpr u32 funnel(u32 low, u32 high, u32 distance, bool left) {
  const u64 both = u64{high} << 32 | low;
  return left ? static_cast<u32>((both << distance) >> 32) : static_cast<u32>(both >> distance);
}

void lop3_any(Warp& w, const MicroOp& op) {
  const u32 *a = w.at<u32>(op.a), *b = w.at<u32>(op.b), *c = w.at<u32>(op.c);
  u32 words[8];
  for (int i = 0; i < 8; ++i) words[i] = (op.immediate >> i) & 1 ? ~0u : 0u;
  u32 result[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) {
    const u32 x = a[l], y = b[l], z = c[l];
    result[l] = (words[7] & x & y & z) | (words[6] & x & y & ~z) | (words[5] & x & ~y & z) | (words[4] & x & ~y & ~z) |
                (words[3] & ~x & y & z) | (words[2] & ~x & y & ~z) | (words[1] & ~x & ~y & z) |
                (words[0] & ~x & ~y & ~z);
  }
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

constexpr u32 permute(u32 a, u32 b, u32 selector) {
  const u64 bytes = u64{b} << 32 | a;
  u32 result = 0;
  for (int i = 0; i < 4; ++i) {
    const u32 which = (selector >> (4 * i)) & 15;
    u32 byte = static_cast<u32>(bytes >> (8 * (which & 7))) & 255;
    if (which & 8) byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
}

constexpr u32 permute_mode(u32 a, u32 b, u32 c, int mode) {
  constexpr u32 selectors[6][4] = {{0x3210, 0x4321, 0x5432, 0x6543}, {0x5670, 0x6701, 0x7012, 0x0123},
                                   {0x0000, 0x1111, 0x2222, 0x3333}, {0x3210, 0x3211, 0x3222, 0x3333},
                                   {0x0000, 0x1110, 0x2210, 0x3210}, {0x1010, 0x3232, 0x1010, 0x3232}};
  return permute(a, b, selectors[mode][c & 3]);
}

void prmt_any(Warp& w, const MicroOp& op) {
  const u32 *a = w.at<u32>(op.a), *b = w.at<u32>(op.b), *c = w.at<u32>(op.c);
  u32 result[lanes];
  if (op.flags != 0) {
    for (int l = 0; l < lanes; ++l) result[l] = permute_mode(a[l], b[l], c[l], op.flags - 1);
  } else {
    for (int l = 0; l < lanes; ++l) result[l] = permute(a[l], b[l], c[l]);
  }
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

/// Ones at `position`, `length` of them, as far as 32 bits go.
constexpr u32 bit_mask(u32 position, u32 length) {
  const u32 ones = length >= 32 ? ~0u : (1u << length) - 1;
  return position >= 32 ? 0 : ones << position;
}

template <class T, class S>
constexpr T extract(T a, u32 position, u32 length) {
  constexpr u32 bits = sizeof(T) * 8;
  position &= 255;
  length &= 255;
  if (length == 0) return 0;
  if (position >= bits) return std::is_signed_v<S> && static_cast<S>(a) < 0 ? static_cast<T>(-1) : 0;
  T field = std::is_signed_v<S> ? static_cast<T>(static_cast<S>(a) >> position) : a >> position;
  if (length >= bits || (std::is_signed_v<S> && position + length >= bits)) return field;
  field &= (T{1} << length) - 1;
  if (std::is_signed_v<S> && (field >> (length - 1)) & 1) field |= ~T{0} << length;
  return field;
}

template <class T, class S>
void bfe_any(Warp& w, const MicroOp& op) {
  const T* a = w.at<T>(op.a);
  const u32 *b = w.at<u32>(op.b), *c = w.at<u32>(op.c);
  T result[lanes];
  for (int l = 0; l < lanes; ++l) result[l] = extract<T, S>(a[l], b[l], c[l]);
  store_lanes(w.at<T>(op.d), result, w.mask);
}

template <class T>
void bfi_any(Warp& w, const MicroOp& op) {
  const T *a = w.at<T>(op.a), *b = w.at<T>(op.b);
  const u32 *c = w.at<u32>(op.c), *e = w.at<u32>(op.e);
  T result[lanes];
  constexpr u32 bits = sizeof(T) * 8;
  for (int l = 0; l < lanes; ++l) {
    const u32 position = c[l] & 255, length = e[l] & 255;
    const T ones = length >= bits ? ~T{0} : (T{1} << length) - 1;
    const T mask = position >= bits ? 0 : ones << position;
    result[l] = (b[l] & ~mask) | ((position >= bits ? 0 : a[l] << position) & mask);
  }
  store_lanes(w.at<T>(op.d), result, w.mask);
}

constexpr u32 reverse(u32 x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  x = (x >> 8 & 0x00ff00ff) | (x & 0x00ff00ff) << 8;
  return x >> 16 | x << 16;
}

template <class T, class S>
constexpr u32 highest(T a, bool as_shift) {
  if (std::is_signed_v<S> && static_cast<S>(a) < 0) a = ~a;
  if (a == 0) return ~0u;
  const u32 place = sizeof(T) * 8 - 1 - static_cast<u32>(std::countl_zero(a));
  return as_shift ? sizeof(T) * 8 - 1 - place : place;
}

}  // namespace

namespace decoders {

void logic_and(Emitter& e) {
  emit_logic<[](u32 a, u32 b) { return (a & b); }, [](u64 a, u64 b) { return (a & b); },
             [](u32 a, u32 b) { return (a & b); }>(e);
}
void logic_or(Emitter& e) {
  emit_logic<[](u32 a, u32 b) { return (a | b); }, [](u64 a, u64 b) { return (a | b); },
             [](u32 a, u32 b) { return (a | b); }>(e);
}
void logic_xor(Emitter& e) {
  emit_logic<[](u32 a, u32 b) { return (a ^ b); }, [](u64 a, u64 b) { return (a ^ b); },
             [](u32 a, u32 b) { return (a ^ b); }>(e);
}

void logic_not(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (type == "pred") {
    const u32 d = emitter.predicate(emitter.operand(0)), a = emitter.predicate(emitter.operand(1));
    MicroOp& op = emitter.emit(predicate_not, InstructionClass::integer);
    op.d = d, op.a = a;
    return;
  }
  emit_lanewise(emitter,
                is_wide_type(type) ? unary<[](u64 a) { return (~a); }, u64>
                : is_16_bits(type) ? unary<[](u32 a) { return (~a & 0xffff); }, u32>
                                   : unary<[](u32 a) { return (~a); }, u32>,
                InstructionClass::integer, type);
}

void shl(Emitter& emitter) {
  const std::string_view type = emitter.type();
  emit_shift(emitter,
             is_wide_type(type) ? binary<[](u64 a, u32 b) { return (b > 63 ? 0 : a << (b & 63)); }, u64, u64, u32>
             : is_16_bits(type) ? binary<[](u32 a, u32 b) { return (b > 15 ? 0 : (a << (b & 15)) & 0xffff); }, u32>
                                : binary<[](u32 a, u32 b) { return (b > 31 ? 0 : a << (b & 31)); }, u32>);
}

void shr(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (is_signed(type))
    emit_shift(emitter,
               is_wide_type(type) ? binary<[](i64 a, u32 b) { return (a >> (b > 63 ? 63 : b)); }, i64, i64, u32>
               : is_16_bits(type) ? binary<[](u32 a, u32 b) {
                   return (static_cast<u32>(static_cast<std::int16_t>(a) >> (b > 15 ? 15 : b)) & 0xffff);
                 },
                                           u32>
                                  : binary<[](i32 a, u32 b) { return (a >> (b > 31 ? 31 : b)); }, i32, i32, u32>);
  else
    emit_shift(emitter, is_wide_type(type)
                            ? binary<[](u64 a, u32 b) { return (b > 63 ? 0 : a >> (b & 63)); }, u64, u64, u32>
                            : binary<[](u32 a, u32 b) { return (b > 31 ? 0 : a >> (b & 31)); }, u32>);
}

void shf(Emitter& emitter) {
  const bool left = emitter.has("l"), clamp = emitter.has("clamp");
  Handler handler;
  if (left)
    handler = clamp ? ternary<[](u32 a, u32 b, u32 c) { return (funnel(a, b, c > 32 ? 32 : c, true)); }, u32>
                    : ternary<[](u32 a, u32 b, u32 c) { return (funnel(a, b, c & 31, true)); }, u32>;
  else
    handler = clamp ? ternary<[](u32 a, u32 b, u32 c) { return (funnel(a, b, c > 32 ? 32 : c, false)); }, u32>
                    : ternary<[](u32 a, u32 b, u32 c) { return (funnel(a, b, c & 31, false)); }, u32>;
  emit_lanewise(emitter, handler, InstructionClass::integer, "b32");
}

void lop3(Emitter& emitter) {
  if (emitter.operands() != 5 || emitter.operand(4).kind != Operand::Kind::immediate) emitter.unsupported();
  emit_lanewise(emitter, lop3_any, InstructionClass::integer, "b32").immediate = emitter.operand(4).bits;
}

void prmt(Emitter& emitter) {
  static const std::string_view modes[] = {"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"};
  MicroOp& op = emit_lanewise(emitter, prmt_any, InstructionClass::move, "b32");
  for (std::uint16_t i = 0; i < 6; ++i)
    if (emitter.has(modes[i])) op.flags = static_cast<std::uint16_t>(i + 1);
}

void bfe(Emitter& emitter) {
  const std::string_view type = emitter.type();
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
            b = emitter.narrow(emitter.operand(2)), c = emitter.narrow(emitter.operand(3));
  MicroOp& op = emitter.emit(type == "u32"   ? bfe_any<u32, u32>
                             : type == "s32" ? bfe_any<u32, i32>
                             : type == "u64" ? bfe_any<u64, u64>
                                             : bfe_any<u64, i64>,
                             InstructionClass::integer);
  op.d = d, op.a = a, op.b = b, op.c = c;
}

void bfi(Emitter& emitter) {
  const std::string_view type = emitter.type();
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
            b = emitter.source(emitter.operand(2), type), c = emitter.narrow(emitter.operand(3)),
            f = emitter.narrow(emitter.operand(4));
  MicroOp& op = emitter.emit(is_wide_type(type) ? bfi_any<u64> : bfi_any<u32>, InstructionClass::integer);
  op.d = d, op.a = a, op.b = b, op.c = c, op.e = f;
}

void popc(Emitter& emitter) {
  const std::string_view type = emitter.type();
  emit_lanewise(emitter,
                is_wide_type(type) ? unary<[](u64 a) { return (static_cast<u32>(std::popcount(a))); }, u64, u32>
                                   : unary<[](u32 a) { return (static_cast<u32>(std::popcount(a))); }, u32>,
                InstructionClass::integer, type);
}

void clz(Emitter& emitter) {
  const std::string_view type = emitter.type();
  emit_lanewise(emitter,
                is_wide_type(type) ? unary<[](u64 a) { return (static_cast<u32>(std::countl_zero(a))); }, u64, u32>
                                   : unary<[](u32 a) { return (static_cast<u32>(std::countl_zero(a))); }, u32>,
                InstructionClass::integer, type);
}

void brev(Emitter& emitter) {
  const std::string_view type = emitter.type();
  emit_lanewise(
      emitter,
      is_wide_type(type)
          ? unary<[](u64 a) { return (u64{reverse(static_cast<u32>(a))} << 32 | reverse(static_cast<u32>(a >> 32))); },
                  u64>
          : unary<reverse, u32>,
      InstructionClass::integer, type);
}

void bmsk(Emitter& emitter) {
  if (emitter.type() != "b32" || !(emitter.has("clamp") || emitter.has("wrap"))) emitter.unsupported();
  const Handler handler = emitter.has("wrap")
                              ? binary<[](u32 a, u32 b) { return bit_mask(a & 31, b & 31); }, u32>
                              : binary<bit_mask, u32>;
  emit_lanewise(emitter, handler, InstructionClass::integer, "b32");
}

void bfind(Emitter& emitter) {
  const std::string_view type = emitter.type();
  const bool shift = emitter.has("shiftamt");
  Handler handler;
  if (type == "u32")
    handler = shift ? unary<[](u32 a) { return (highest<u32, u32>(a, true)); }, u32>
                    : unary<[](u32 a) { return (highest<u32, u32>(a, false)); }, u32>;
  else if (type == "s32")
    handler = shift ? unary<[](u32 a) { return (highest<u32, i32>(a, true)); }, u32>
                    : unary<[](u32 a) { return (highest<u32, i32>(a, false)); }, u32>;
  else if (type == "u64")
    handler = shift ? unary<[](u64 a) { return (highest<u64, u64>(a, true)); }, u64, u32>
                    : unary<[](u64 a) { return (highest<u64, u64>(a, false)); }, u64, u32>;
  else
    handler = shift ? unary<[](u64 a) { return (highest<u64, i64>(a, true)); }, u64, u32>
                    : unary<[](u64 a) { return (highest<u64, i64>(a, false)); }, u64, u32>;
  emit_lanewise(emitter, handler, InstructionClass::integer, type);
}

}  // namespace decoders
}  // namespace halyard::simulator
