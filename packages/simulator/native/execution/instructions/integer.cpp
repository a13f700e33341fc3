#include <algorithm>
#include <cstdint>

#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using i32 = std::int32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

constexpr i32 sign16(u32 x) {
  return static_cast<std::int16_t>(x);
}

void add32(Warp& w, const MicroOp& op) {
  binary<[](u32 a, u32 b) { return (a + b); }, u32>(w, op);
}
void sub32(Warp& w, const MicroOp& op) {
  binary<[](u32 a, u32 b) { return (a - b); }, u32>(w, op);
}
void add64(Warp& w, const MicroOp& op) {
  binary<[](u64 a, u64 b) { return (a + b); }, u64>(w, op);
}
void sub64(Warp& w, const MicroOp& op) {
  binary<[](u64 a, u64 b) { return (a - b); }, u64>(w, op);
}
void add16(Warp& w, const MicroOp& op) {
  binary<[](u32 a, u32 b) { return ((a + b) & 0xffff); }, u32>(w, op);
}
void sub16(Warp& w, const MicroOp& op) {
  binary<[](u32 a, u32 b) { return ((a - b) & 0xffff); }, u32>(w, op);
}
// Pairs of 16-bit integers.
void add16x2(Warp& w, const MicroOp& op) {
  binary<[](u32 a, u32 b) { return (((a + b) & 0xffff) | ((a & 0xffff0000) + (b & 0xffff0000))); }, u32>(w, op);
}

i32 saturate(i64 x) {
  return static_cast<i32>(std::clamp<i64>(x, INT32_MIN, INT32_MAX));
}

/// One of several handlers by type; null where there is none.
struct ByType {
  Handler u16 = nullptr, s16 = nullptr, u32 = nullptr, s32 = nullptr, u64 = nullptr, s64 = nullptr;
  Handler find(std::string_view type) const {
    if (type == "u16" || type == "b16") return u16;
    if (type == "s16") return s16;
    if (type == "u32" || type == "b32") return u32;
    if (type == "s32") return s32;
    if (type == "u64" || type == "b64") return u64;
    if (type == "s64") return s64;
    return nullptr;
  }
};

void emit_by_type(Emitter& emitter, const ByType& handlers) {
  const Handler handler = handlers.find(emitter.type());
  if (handler == nullptr) emitter.unsupported();
  emit_lanewise(emitter, handler, InstructionClass::integer, emitter.type());
}

template <bool with_carry, bool is_subtraction, bool sets, class T>
void carry_add(Warp& w, const MicroOp& op) {
  const T* a = w.at<T>(op.a);
  const T* b = w.at<T>(op.b);
  T* d = w.at<T>(op.d);
  std::uint32_t carries = w.carry;
  each_lane(w.mask, [&](int l) {
    const bool carry = with_carry && ((w.carry >> l) & 1);
    T result;
    bool out;
    if (is_subtraction) {
      const T partial = a[l] - b[l];
      result = partial - carry;
      out = a[l] < b[l] || partial < static_cast<T>(carry);
    } else {
      const T partial = a[l] + b[l];
      result = partial + carry;
      out = partial < a[l] || result < partial;
    }
    d[l] = result;
    carries = (carries & ~(1u << l)) | (static_cast<std::uint32_t>(out) << l);
  });
  if (sets) w.carry = carries;
}

template <bool is_subtraction>
void emit_carry(Emitter& emitter, bool with_carry) {
  const bool sets = emitter.has("cc"), is_wide = is_wide_type(emitter.type());
  Handler handler;
  if (with_carry)
    handler = is_wide
                  ? (sets ? carry_add<true, is_subtraction, true, u64> : carry_add<true, is_subtraction, false, u64>)
                  : (sets ? carry_add<true, is_subtraction, true, u32> : carry_add<true, is_subtraction, false, u32>);
  else
    handler = is_wide ? carry_add<false, is_subtraction, true, u64> : carry_add<false, is_subtraction, true, u32>;
  emit_lanewise(emitter, handler, InstructionClass::integer, emitter.type());
}

/// flags: 1 high half, 2 signed, 4 adds the carry, 8 sets it
template <class T, class Double, class SignedDouble>
void carry_mad(Warp& w, const MicroOp& op) {
  const T *a = w.at<T>(op.a), *b = w.at<T>(op.b), *c = w.at<T>(op.c);
  T* d = w.at<T>(op.d);
  std::uint32_t carries = w.carry;
  using Signed = std::make_signed_t<T>;
  each_lane(w.mask, [&](int l) {
    const Double product =
        op.flags & 2 ? static_cast<Double>(SignedDouble{static_cast<Signed>(a[l])} * static_cast<Signed>(b[l]))
                     : Double{a[l]} * b[l];
    const T term = op.flags & 1 ? static_cast<T>(product >> (8 * sizeof(T))) : static_cast<T>(product);
    const Double sum = Double{term} + c[l] + (op.flags & 4 ? (w.carry >> l) & 1 : 0);
    d[l] = static_cast<T>(sum);
    carries = (carries & ~(1u << l)) | (static_cast<std::uint32_t>(sum >> (8 * sizeof(T))) & 1) << l;
  });
  if (op.flags & 8) w.carry = carries;
}

void emit_carry_mad(Emitter& emitter, bool with_carry) {
  const std::string_view type = emitter.type();
  const Handler handler = is_wide_type(type) ? carry_mad<u64, unsigned __int128, __int128> : carry_mad<u32, u64, i64>;
  MicroOp& op = emit_lanewise(emitter, handler, InstructionClass::integer, type);
  op.flags = static_cast<std::uint16_t>((emitter.has("hi") ? 1 : 0) | (is_signed(type) ? 2 : 0) | (with_carry ? 4 : 0) |
                                        (emitter.has("cc") ? 8 : 0));
}

constexpr u64 high64(u64 a, u64 b) {
  return static_cast<u64>((static_cast<unsigned __int128>(a) * b) >> 64);
}
constexpr i64 high64(i64 a, i64 b) {
  return static_cast<i64>((static_cast<__int128>(a) * b) >> 64);
}

const ByType multiply_low = {.u16 = binary<[](u32 a, u32 b) { return ((a * b) & 0xffff); }, u32>,
                             .s16 = binary<[](u32 a, u32 b) { return ((a * b) & 0xffff); }, u32>,
                             .u32 = binary<[](u32 a, u32 b) { return (a * b); }, u32>,
                             .s32 = binary<[](u32 a, u32 b) { return (a * b); }, u32>,
                             .u64 = binary<[](u64 a, u64 b) { return (a * b); }, u64>,
                             .s64 = binary<[](u64 a, u64 b) { return (a * b); }, u64>};
const ByType multiply_high = {
    .u16 = binary<[](u32 a, u32 b) { return ((a * b) >> 16); }, u32>,
    .s16 = binary<[](u32 a, u32 b) { return ((static_cast<u32>(sign16(a) * sign16(b)) >> 16) & 0xffff); }, u32>,
    .u32 = binary<[](u32 a, u32 b) { return (static_cast<u32>((u64{a} * b) >> 32)); }, u32>,
    .s32 = binary<[](i32 a, i32 b) { return (static_cast<i32>((i64{a} * b) >> 32)); }, i32>,
    .u64 = binary<[](u64 a, u64 b) { return (high64(a, b)); }, u64>,
    .s64 = binary<[](i64 a, i64 b) { return (high64(a, b)); }, i64>};
const ByType multiply_wide = {
    .u16 = binary<[](u32 a, u32 b) { return ((a & 0xffff) * (b & 0xffff)); }, u32>,
    .s16 = binary<[](u32 a, u32 b) { return (static_cast<u32>(sign16(a) * sign16(b))); }, u32>,
    .u32 = binary<[](u32 a, u32 b) { return (u64{a} * b); }, u32, u64>,
    .s32 = binary<[](i32 a, i32 b) { return (i64{a} * b); }, i32, i64>};
const ByType mad_low = {.u16 = ternary<[](u32 a, u32 b, u32 c) { return ((a * b + c) & 0xffff); }, u32>,
                        .s16 = ternary<[](u32 a, u32 b, u32 c) { return ((a * b + c) & 0xffff); }, u32>,
                        .u32 = ternary<[](u32 a, u32 b, u32 c) { return (a * b + c); }, u32>,
                        .s32 = ternary<[](u32 a, u32 b, u32 c) { return (a * b + c); }, u32>,
                        .u64 = ternary<[](u64 a, u64 b, u64 c) { return (a * b + c); }, u64>,
                        .s64 = ternary<[](u64 a, u64 b, u64 c) { return (a * b + c); }, u64>};
const ByType mad_high = {
    .u32 = ternary<[](u32 a, u32 b, u32 c) { return (static_cast<u32>((u64{a} * b) >> 32) + c); }, u32>,
    .s32 = ternary<[](i32 a, i32 b, u32 c) { return (static_cast<u32>((i64{a} * b) >> 32) + c); }, i32, u32>,
    .u64 = ternary<[](u64 a, u64 b, u64 c) { return (high64(a, b) + c); }, u64>,
    .s64 = ternary<[](i64 a, i64 b, u64 c) { return (static_cast<u64>(high64(a, b)) + c); }, i64, u64>};
const ByType mad_wide = {
    .u16 = ternary<[](u32 a, u32 b, u32 c) { return ((a & 0xffff) * (b & 0xffff) + c); }, u32>,
    .s16 = ternary<[](u32 a, u32 b, u32 c) { return (static_cast<u32>(sign16(a) * sign16(b)) + c); }, u32>,
    .u32 = ternary<[](u32 a, u32 b, u64 c) { return (u64{a} * b + c); }, u32, u64>,
    .s32 = ternary<[](i32 a, i32 b, u64 c) { return (static_cast<u64>(i64{a} * b) + c); }, i32, u64>};

// A division by zero gives all ones, a remainder by zero the dividend, as the hardware does.
template <class T, bool is_remainder>
constexpr T divide(T a, T b) {
  if (b == 0) return is_remainder ? a : static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return is_remainder ? 0 : static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
  return is_remainder ? static_cast<T>(a % b) : static_cast<T>(a / b);
}
template <bool r>
const ByType divisions = {
    .u16 = binary<[](u32 a, u32 b) { return (divide<u32, r>(a & 0xffff, b & 0xffff) & 0xffff); }, u32>,
    .s16 = binary<[](u32 a, u32 b) { return (static_cast<u32>(divide<i32, r>(sign16(a), sign16(b))) & 0xffff); }, u32>,
    .u32 = binary<[](u32 a, u32 b) { return (divide<u32, r>(a, b)); }, u32>,
    .s32 = binary<[](i32 a, i32 b) { return (divide<i32, r>(a, b)); }, i32>,
    .u64 = binary<[](u64 a, u64 b) { return (divide<u64, r>(a, b)); }, u64>,
    .s64 = binary<[](i64 a, i64 b) { return (divide<i64, r>(a, b)); }, i64>};

const ByType minima = {.u16 = binary<[](u32 a, u32 b) { return (a < b ? a : b); }, u32>,
                       .s16 = binary<[](u32 a, u32 b) { return (sign16(a) < sign16(b) ? a : b); }, u32>,
                       .u32 = binary<[](u32 a, u32 b) { return (a < b ? a : b); }, u32>,
                       .s32 = binary<[](i32 a, i32 b) { return (a < b ? a : b); }, i32>,
                       .u64 = binary<[](u64 a, u64 b) { return (a < b ? a : b); }, u64>,
                       .s64 = binary<[](i64 a, i64 b) { return (a < b ? a : b); }, i64>};
const ByType maxima = {.u16 = binary<[](u32 a, u32 b) { return (a > b ? a : b); }, u32>,
                       .s16 = binary<[](u32 a, u32 b) { return (sign16(a) > sign16(b) ? a : b); }, u32>,
                       .u32 = binary<[](u32 a, u32 b) { return (a > b ? a : b); }, u32>,
                       .s32 = binary<[](i32 a, i32 b) { return (a > b ? a : b); }, i32>,
                       .u64 = binary<[](u64 a, u64 b) { return (a > b ? a : b); }, u64>,
                       .s64 = binary<[](i64 a, i64 b) { return (a > b ? a : b); }, i64>};

template <bool a_signed, bool b_signed>
constexpr u32 dot4(u32 a, u32 b, u32 c) {
  for (int i = 0; i < 32; i += 8) {
    const i32 x = a_signed ? static_cast<i32>(static_cast<std::int8_t>(a >> i)) : static_cast<i32>((a >> i) & 255);
    const i32 y = b_signed ? static_cast<i32>(static_cast<std::int8_t>(b >> i)) : static_cast<i32>((b >> i) & 255);
    c += static_cast<u32>(x * y);
  }
  return c;
}
template <bool a_signed, bool b_signed, int shift>
constexpr u32 dot2(u32 a, u32 b, u32 c) {
  for (int i = 0; i < 2; ++i) {
    const i32 x = a_signed ? sign16(a >> (16 * i)) : static_cast<i32>((a >> (16 * i)) & 0xffff);
    const i32 y = b_signed ? static_cast<i32>(static_cast<std::int8_t>(b >> (8 * i + shift)))
                           : static_cast<i32>((b >> (8 * i + shift)) & 255);
    c += static_cast<u32>(x * y);
  }
  return c;
}

}  // namespace

namespace decoders {

void add(Emitter& emitter) {
  if (half_binary(emitter) || float_add(emitter)) return;
  const std::string_view type = emitter.type();
  if (emitter.has("cc")) return emit_carry<false>(emitter, false);
  if (emitter.has("sat")) {
    if (type != "s32") emitter.unsupported();
    emit_lanewise(emitter, binary<[](i32 a, i32 b) { return (saturate(i64{a} + b)); }, i32>, InstructionClass::integer,
                  type);
    return;
  }
  if (type.empty() && (emitter.has("u16x2") || emitter.has("s16x2"))) {
    emit_lanewise(emitter, add16x2, InstructionClass::integer, "b32");
    return;
  }
  emit_by_type(emitter, {add16, add16, add32, add32, add64, add64});
}

void sub(Emitter& emitter) {
  if (half_binary(emitter) || float_sub(emitter)) return;
  const std::string_view type = emitter.type();
  if (emitter.has("cc")) return emit_carry<true>(emitter, false);
  if (emitter.has("sat")) {
    if (type != "s32") emitter.unsupported();
    emit_lanewise(emitter, binary<[](i32 a, i32 b) { return (saturate(i64{a} - b)); }, i32>, InstructionClass::integer,
                  type);
    return;
  }
  emit_by_type(emitter, {sub16, sub16, sub32, sub32, sub64, sub64});
}

void addc(Emitter& emitter) {
  emit_carry<false>(emitter, true);
}
void subc(Emitter& emitter) {
  emit_carry<true>(emitter, true);
}

void mul(Emitter& emitter) {
  if (half_binary(emitter) || float_mul(emitter)) return;
  emit_by_type(emitter, emitter.has("wide") ? multiply_wide : emitter.has("hi") ? multiply_high : multiply_low);
}

void mad(Emitter& emitter) {
  if (emitter.type()[0] == 'f') return fma(emitter);
  if (emitter.has("cc")) return emit_carry_mad(emitter, false);
  const std::string_view type = emitter.type();
  if (!emitter.has("wide")) {
    if (emitter.has("sat")) emitter.unsupported();
    return emit_by_type(emitter, emitter.has("hi") ? mad_high : mad_low);
  }
  const Handler handler = mad_wide.find(type);
  if (handler == nullptr) emitter.unsupported();
  const std::uint32_t d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), type),
                      b = emitter.source(emitter.operand(2), type);
  const std::uint32_t c = emitter.source(emitter.operand(3), type.ends_with("32") ? "b64" : "b32");
  MicroOp& op = emitter.emit(handler, InstructionClass::integer);
  op.d = d, op.a = a, op.b = b, op.c = c;
}

void madc(Emitter& emitter) {
  emit_carry_mad(emitter, true);
}

void div(Emitter& emitter) {
  if (!float_div(emitter)) emit_by_type(emitter, divisions<false>);
}
void rem(Emitter& emitter) {
  emit_by_type(emitter, divisions<true>);
}
void min(Emitter& emitter) {
  if (!half_binary(emitter) && !float_min(emitter)) emit_by_type(emitter, minima);
}
void max(Emitter& emitter) {
  if (!half_binary(emitter) && !float_max(emitter)) emit_by_type(emitter, maxima);
}

void abs(Emitter& emitter) {
  if (half_unary(emitter) || float_abs(emitter)) return;
  emit_by_type(
      emitter,
      {.s16 = unary<[](u32 a) { return (static_cast<u32>(sign16(a) < 0 ? -sign16(a) : sign16(a)) & 0xffff); }, u32>,
       .s32 = unary<[](u32 a) { return (static_cast<i32>(a) < 0 ? 0 - a : a); }, u32>,
       .s64 = unary<[](u64 a) { return (static_cast<i64>(a) < 0 ? 0 - a : a); }, u64>});
}

void neg(Emitter& emitter) {
  if (half_unary(emitter) || float_neg(emitter)) return;
  emit_by_type(emitter, {.s16 = unary<[](u32 a) { return ((0 - a) & 0xffff); }, u32>,
                         .s32 = unary<[](u32 a) { return (0 - a); }, u32>,
                         .s64 = unary<[](u64 a) { return (0 - a); }, u64>});
}

void mul24(Emitter& emitter) {
  if (emitter.has("hi")) emitter.unsupported();
  emit_by_type(emitter, {.u32 = binary<[](u32 a, u32 b) { return ((a & 0xffffff) * (b & 0xffffff)); }, u32>,
                         .s32 = binary<[](u32 a, u32 b) {
                           return (static_cast<u32>((static_cast<i32>(a << 8) >> 8) * (static_cast<i32>(b << 8) >> 8)));
                         },
                                       u32>});
}

void sad(Emitter& emitter) {
  emit_by_type(emitter, {.u32 = ternary<[](u32 a, u32 b, u32 c) { return (c + (a < b ? b - a : a - b)); }, u32>,
                         .s32 = ternary<[](i32 a, i32 b, u32 c) {
                           return (c + (a < b ? static_cast<u32>(b) - static_cast<u32>(a)
                                              : static_cast<u32>(a) - static_cast<u32>(b)));
                         },
                                        i32, u32>});
}

void dp4a(Emitter& emitter) {
  const bool a = is_signed(emitter.type(1)), b = is_signed(emitter.type());
  const Handler handler = a ? (b ? ternary<dot4<true, true>, u32> : ternary<dot4<true, false>, u32>)
                            : (b ? ternary<dot4<false, true>, u32> : ternary<dot4<false, false>, u32>);
  emit_lanewise(emitter, handler, InstructionClass::integer, "b32");
}

void dp2a(Emitter& emitter) {
  const bool a = is_signed(emitter.type(1)), b = is_signed(emitter.type()), high = emitter.has("hi");
  Handler handler;
  if (high)
    handler = a ? (b ? ternary<dot2<true, true, 16>, u32> : ternary<dot2<true, false, 16>, u32>)
                : (b ? ternary<dot2<false, true, 16>, u32> : ternary<dot2<false, false, 16>, u32>);
  else
    handler = a ? (b ? ternary<dot2<true, true, 0>, u32> : ternary<dot2<true, false, 0>, u32>)
                : (b ? ternary<dot2<false, true, 0>, u32> : ternary<dot2<false, false, 0>, u32>);
  emit_lanewise(emitter, handler, InstructionClass::integer, "b32");
}

}  // namespace decoders
}  // namespace halyard::simulator
