#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../formats.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using i32 = std::int32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;
using u16 = std::uint16_t;

enum class Type : std::uint8_t { u8, s8, u16, s16, u32, s32, u64, s64, f16, bf16, f32, f64, tf32, none };

Type find_type(std::string_view name) {
  static const std::string_view names[] = {"u8",  "s8",  "u16",  "s16", "u32", "s32", "u64",
                                           "s64", "f16", "bf16", "f32", "f64", "tf32"};
  for (int i = 0; i < 13; ++i)
    if (names[i] == name) return static_cast<Type>(i);
  return Type::none;
}

bool is_float(Type type) {
  return type >= Type::f16;
}
int bits_of(Type type) {
  static const int bits[] = {8, 8, 16, 16, 32, 32, 64, 64, 16, 16, 32, 64, 32};
  return bits[static_cast<int>(type)];
}
bool has_sign(Type type) {
  return type == Type::s8 || type == Type::s16 || type == Type::s32 || type == Type::s64;
}

enum Mode : std::uint8_t { nearest, to_zero, down, up, nearest_away };

// op.flags: from (4 bits), to (4 bits), mode (3 bits), 0x800 rounds to a whole number, 0x1000 saturates, 0x2000
// flushes, 0x4000 relu, 0x8000 source has 64 bits
struct Conversion {
  Type from, to;
  Mode mode;
  bool is_integral, saturates, flushes, relu, source_is_wide, target_is_wide;
};

double round_whole(double x, Mode mode) {
  switch (mode) {
    case to_zero:
      return std::trunc(x);
    case down:
      return std::floor(x);
    case up:
      return std::ceil(x);
    default:
      return std::nearbyint(x);
  }
}

double read_float(Type type, u64 bits) {
  switch (type) {
    case Type::f16:
      return half_to_float(static_cast<u16>(bits));
    case Type::bf16:
      return bfloat_to_float(static_cast<u32>(bits) & 0xffff);
    case Type::f64:
      return std::bit_cast<double>(bits);
    default:
      return std::bit_cast<float>(static_cast<u32>(bits));
  }
}

float to_float(double x, Mode mode) {
  auto result = static_cast<float>(x);
  if (std::isnan(x) || static_cast<double>(result) == x || mode == nearest) return result;
  if (mode == to_zero) mode = x > 0 ? down : up;
  if (mode == down && static_cast<double>(result) > x)
    result = std::nextafter(result, -std::numeric_limits<float>::infinity());
  if (mode == up && static_cast<double>(result) < x)
    result = std::nextafter(result, std::numeric_limits<float>::infinity());
  return result;
}

u32 to_bfloat(double x, Mode mode) {
  if (mode != to_zero) return float_to_bfloat(static_cast<float>(x));
  const float f = to_float(x, to_zero);
  return f != f ? 0x7fff : std::bit_cast<u32>(f) >> 16;
}

u64 write_float(Type type, double x, Mode mode) {
  switch (type) {
    case Type::f16:
      return double_to_half(x, mode == to_zero);
    case Type::bf16:
      return to_bfloat(x, mode);
    case Type::f64:
      return std::bit_cast<u64>(x);
    case Type::tf32: {
      const auto bits = std::bit_cast<u32>(static_cast<float>(x));
      return std::isnan(x)          ? bits
             : mode == nearest_away ? (bits + 0x1000) & 0xffffe000
                                    : (bits + 0xfff + ((bits >> 13) & 1)) & 0xffffe000;
    }
    default:
      return std::bit_cast<u32>(to_float(x, mode));
  }
}

u64 sign_extend(u64 value, int bits) {
  return bits == 64 ? value : static_cast<u64>(static_cast<i64>(value << (64 - bits)) >> (64 - bits));
}
u64 zero_extend(u64 value, int bits) {
  return bits == 64 ? value : value & ((u64{1} << bits) - 1);
}

u64 float_to_integer(double x, const Conversion& c) {
  if (std::isnan(x)) return bits_of(c.to) == 64 || c.from == Type::f64 ? u64{1} << (bits_of(c.to) - 1) : 0;
  x = round_whole(x, c.mode);
  const int bits = bits_of(c.to);
  const double most = has_sign(c.to) ? std::ldexp(1.0, bits - 1) : std::ldexp(1.0, bits);
  const double least = has_sign(c.to) ? -most : 0;
  if (x >= most) return has_sign(c.to) ? (u64{1} << (bits - 1)) - 1 : zero_extend(~u64{0}, bits);
  if (x < least) return has_sign(c.to) ? sign_extend(u64{1} << (bits - 1), bits) : 0;
  return x < 0 ? static_cast<u64>(static_cast<i64>(x)) : static_cast<u64>(x);
}

u64 integer_to_float(u64 value, const Conversion& c) {
  const bool negative = has_sign(c.from) && static_cast<i64>(value) < 0;
  if (c.to == Type::f64) {
    std::fesetround(c.mode == to_zero ? FE_TOWARDZERO
                    : c.mode == down  ? FE_DOWNWARD
                    : c.mode == up    ? FE_UPWARD
                                      : FE_TONEAREST);
    volatile i64 as_signed = static_cast<i64>(value);
    volatile u64 as_unsigned = value;
    const volatile double result = negative ? static_cast<double>(as_signed) : static_cast<double>(as_unsigned);
    std::fesetround(FE_TONEAREST);
    return std::bit_cast<u64>(static_cast<double>(result));
  }
  if (c.mode == nearest && c.to == Type::f32)
    return std::bit_cast<u32>(negative ? static_cast<float>(static_cast<i64>(value)) : static_cast<float>(value));
  return write_float(c.to, negative ? static_cast<double>(static_cast<i64>(value)) : static_cast<double>(value),
                     c.mode);
}

u64 convert_one(u64 value, const Conversion& c) {
  const int from_bits = bits_of(c.from), to_bits = bits_of(c.to);
  if (!is_float(c.from)) {
    value = has_sign(c.from) ? sign_extend(value, from_bits) : zero_extend(value, from_bits);
    if (is_float(c.to)) return integer_to_float(value, c);
    if (c.saturates) {
      const bool negative = has_sign(c.from) && static_cast<i64>(value) < 0;
      const u64 most = has_sign(c.to) ? (u64{1} << (to_bits - 1)) - 1 : zero_extend(~u64{0}, to_bits);
      if (negative) {
        const i64 least = has_sign(c.to) ? -static_cast<i64>(most) - 1 : 0;
        if (static_cast<i64>(value) < least) value = static_cast<u64>(least);
      } else if (value > most) {
        value = most;
      }
    }
    return value;
  }
  double x = read_float(c.from, value);
  if (c.flushes && c.from == Type::f32) x = flush(static_cast<float>(x));
  if (!is_float(c.to)) return float_to_integer(x, c);
  if (c.is_integral) x = round_whole(x, c.mode);
  if (c.saturates) x = x > 0 ? (x < 1 ? x : 1) : 0;
  if (c.relu && !(x > 0) && !std::isnan(x)) x = 0;
  if (c.from == c.to && !c.is_integral && !c.saturates && !c.relu && !c.flushes) return value;
  u64 result = write_float(c.to, x, c.is_integral ? nearest : c.mode);
  if (c.flushes && c.to == Type::f32)
    result = std::bit_cast<u32>(flush(std::bit_cast<float>(static_cast<u32>(result))));
  return result;
}

Conversion unpack(const MicroOp& op) {
  const u32 f = op.flags;
  return {static_cast<Type>(f & 15),
          static_cast<Type>(f >> 4 & 15),
          static_cast<Mode>(f >> 8 & 7),
          (f & 0x800) != 0,
          (f & 0x1000) != 0,
          (f & 0x2000) != 0,
          (f & 0x4000) != 0,
          (f & 0x8000) != 0,
          op.immediate != 0};
}

void convert_any(Warp& w, const MicroOp& op) {
  const Conversion c = unpack(op);
  // A narrower integer in a wider register is extended to all of it, so that it can be used as it stands.
  const int to_bits = bits_of(c.to);
  each_lane(w.mask, [&](int l) {
    u64 value = convert_one(c.source_is_wide ? w.at<u64>(op.a)[l] : w.at<u32>(op.a)[l], c);
    if (!is_float(c.to)) value = has_sign(c.to) ? sign_extend(value, to_bits) : zero_extend(value, to_bits);
    if (c.target_is_wide)
      w.at<u64>(op.d)[l] = value;
    else
      w.at<u32>(op.d)[l] = static_cast<u32>(op.e == 16 ? value & 0xffff : value);
  });
}

// The common ones as loops over lanes.
constexpr auto float_to_int_zero = [](float x) {
  return x != x ? 0 : x >= 2147483648.0f ? INT32_MAX : x < -2147483648.0f ? INT32_MIN : static_cast<i32>(x);
};

Handler find_fast(Type to, Type from, Mode mode, bool plain, bool source_is_wide, bool target_is_wide) {
  if (!plain) return nullptr;
  if (to == Type::f32 && from == Type::s32 && mode == nearest)
    return unary<[](i32 x) { return static_cast<float>(x); }, i32, float>;
  if (to == Type::f32 && from == Type::u32 && mode == nearest)
    return unary<[](u32 x) { return static_cast<float>(x); }, u32, float>;
  if (to == Type::s32 && from == Type::f32 && mode == to_zero) return unary<float_to_int_zero, float, i32>;
  if ((to == Type::s64 || to == Type::u64) && from == Type::s32) return unary<[](i32 x) { return i64{x}; }, i32, i64>;
  if ((to == Type::s64 || to == Type::u64) && from == Type::u32) return unary<[](u32 x) { return u64{x}; }, u32, u64>;
  if ((to == Type::u32 || to == Type::s32) && (from == Type::u64 || from == Type::s64))
    return unary<[](u64 x) { return static_cast<u32>(x); }, u64, u32>;
  if (to == Type::f32 && from == Type::f16)
    return unary<[](u32 x) { return half_to_float(static_cast<u16>(x)); }, u32, float>;
  if (to == Type::f32 && from == Type::bf16) return unary<[](u32 x) { return bfloat_to_float(x); }, u32, float>;
  if (to == Type::f16 && from == Type::f32 && mode == nearest)
    return unary<[](float x) { return u32{float_to_half(x)}; }, float, u32>;
  if (to == Type::bf16 && from == Type::f32 && mode == nearest)
    return unary<[](float x) { return float_to_bfloat(x); }, float, u32>;
  if (source_is_wide || target_is_wide) return nullptr;
  if ((to == Type::u32 || to == Type::s32 || to == Type::u16) && from == Type::u16)
    return unary<[](u32 x) { return x & 0xffff; }, u32>;
  if ((to == Type::u32 || to == Type::s32) && from == Type::s16)
    return unary<[](u32 x) { return static_cast<u32>(static_cast<std::int16_t>(x)); }, u32>;
  if (to == Type::u16 && (from == Type::u32 || from == Type::s32)) return unary<[](u32 x) { return x & 0xffff; }, u32>;
  if (to == Type::u32 && from == Type::u8) return unary<[](u32 x) { return x & 0xff; }, u32>;
  if (to == Type::s32 && from == Type::s8)
    return unary<[](u32 x) { return static_cast<u32>(static_cast<std::int8_t>(x)); }, u32>;
  return nullptr;
}

// Two values packed into one register; flags: 1 relu, 2 saturates to finite, 4 to zero
float relu_of(const MicroOp& op, float x) {
  return (op.flags & 1) && x < 0 ? 0.0f : x;
}
template <bool is_bfloat>
void pack_halves(Warp& w, const MicroOp& op) {
  const float *a = w.at<float>(op.a), *b = w.at<float>(op.b);
  u32 result[lanes];
  for (int l = 0; l < lanes; ++l) {
    const float high = relu_of(op, a[l]), low = relu_of(op, b[l]);
    if (op.flags & 4)
      result[l] = is_bfloat ? to_bfloat(high, to_zero) << 16 | to_bfloat(low, to_zero)
                            : u32{double_to_half(high, true)} << 16 | double_to_half(low, true);
    else
      result[l] = is_bfloat ? float_to_bfloat(high) << 16 | float_to_bfloat(low)
                            : u32{float_to_half(high)} << 16 | float_to_half(low);
  }
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

template <bool e5m2, bool from_halves>
void pack_fp8(Warp& w, const MicroOp& op) {
  u32 result[lanes];
  for (int l = 0; l < lanes; ++l) {
    float high, low;
    if (from_halves) {
      const u32 pair = w.at<u32>(op.a)[l];
      high = half_to_float(static_cast<u16>(pair >> 16)), low = half_to_float(static_cast<u16>(pair));
    } else {
      high = w.at<float>(op.a)[l], low = w.at<float>(op.b)[l];
    }
    result[l] = u32{float_to_fp8(relu_of(op, high), e5m2)} << 8 | float_to_fp8(relu_of(op, low), e5m2);
  }
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

template <bool e5m2>
void unpack_fp8(Warp& w, const MicroOp& op) {
  const u32* a = w.at<u32>(op.a);
  u32 result[lanes];
  for (int l = 0; l < lanes; ++l)
    result[l] = u32{float_to_half(relu_of(op, fp8_to_float(static_cast<std::uint8_t>(a[l] >> 8), e5m2)))} << 16 |
                float_to_half(relu_of(op, fp8_to_float(static_cast<std::uint8_t>(a[l]), e5m2)));
  store_lanes(w.at<u32>(op.d), result, w.mask);
}

bool emit_packed(Emitter& emitter) {
  const auto& parts = emitter.statement().parts;
  const std::string_view to = parts[parts.size() - 2], from = parts.back();
  Handler handler = nullptr;
  const bool two = emitter.operands() == 3;
  if (to == "f16x2" && from == "f32" && two)
    handler = pack_halves<false>;
  else if (to == "bf16x2" && from == "f32" && two)
    handler = pack_halves<true>;
  else if (to == "e4m3x2" && from == "f32" && two)
    handler = pack_fp8<false, false>;
  else if (to == "e5m2x2" && from == "f32" && two)
    handler = pack_fp8<true, false>;
  else if (to == "e4m3x2" && from == "f16x2")
    handler = pack_fp8<false, true>;
  else if (to == "e5m2x2" && from == "f16x2")
    handler = pack_fp8<true, true>;
  else if (to == "f16x2" && from == "e4m3x2")
    handler = unpack_fp8<false>;
  else if (to == "f16x2" && from == "e5m2x2")
    handler = unpack_fp8<true>;
  if (handler == nullptr) return false;
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.narrow(emitter.operand(1), true);
  const u32 b = two ? emitter.narrow(emitter.operand(2), true) : a;
  MicroOp& op = emitter.emit(handler, InstructionClass::conversion);
  op.d = d, op.a = a, op.b = b;
  op.flags = static_cast<u16>((emitter.has("relu") ? 1 : 0) | (emitter.has("rz") ? 4 : 0));
  return true;
}

}  // namespace

namespace decoders {

void cvt(Emitter& emitter) {
  const auto& parts = emitter.statement().parts;
  if (parts.size() < 3) emitter.unsupported();
  if (emit_packed(emitter)) return;
  const Type to = find_type(parts[parts.size() - 2]), from = find_type(parts.back());
  if (to == Type::none || from == Type::none || from == Type::tf32 || emitter.has("pack")) emitter.unsupported();
  const bool integral = emitter.has("rni") || emitter.has("rzi") || emitter.has("rmi") || emitter.has("rpi");
  Mode mode = nearest;
  if (emitter.has("rz") || emitter.has("rzi")) mode = to_zero;
  if (emitter.has("rm") || emitter.has("rmi")) mode = down;
  if (emitter.has("rp") || emitter.has("rpi")) mode = up;
  if (emitter.has("rna")) mode = nearest_away;
  const Operand &target = emitter.operand(0), &value = emitter.operand(1);
  const bool source_is_wide =
      value.kind == Operand::Kind::reg ? emitter.width(value) == Width::bits64 : bits_of(from) == 64;
  const bool target_is_wide = emitter.width(target) == Width::bits64;
  const u32 d = emitter.destination(target),
            a = source_is_wide ? emitter.wide(value, is_float(from)) : emitter.narrow(value, is_float(from));
  const bool plain = !(emitter.has("sat") || emitter.has("ftz") || emitter.has("relu") || (integral && is_float(to)));
  const bool fitting = source_is_wide == (bits_of(from) == 64) && target_is_wide == (bits_of(to) == 64);
  const Handler fast = fitting ? find_fast(to, from, mode, plain, source_is_wide, target_is_wide) : nullptr;
  MicroOp& op = emitter.emit(fast != nullptr ? fast : convert_any, InstructionClass::conversion);
  op.d = d, op.a = a;
  op.flags =
      static_cast<u16>(static_cast<u32>(from) | static_cast<u32>(to) << 4 | static_cast<u32>(mode) << 8 |
                       (integral ? 0x800 : 0) | (emitter.has("sat") ? 0x1000 : 0) | (emitter.has("ftz") ? 0x2000 : 0) |
                       (emitter.has("relu") ? 0x4000 : 0) | (source_is_wide ? 0x8000 : 0));
  op.immediate = target_is_wide;
  op.e = emitter.width(target) == Width::bits16 ? 16 : 32;
}

}  // namespace decoders
}  // namespace halyard::simulator
