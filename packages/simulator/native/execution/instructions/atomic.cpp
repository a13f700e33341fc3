#include <atomic>
#include <cmath>
#include <cstdint>

#include "../access/access.h"
#include "../formats.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using u16 = std::uint16_t;

enum class Operation : std::uint8_t { add, min, max, inc, dec, bit_and, bit_or, bit_xor, exch, cas };
enum class Number : std::uint8_t { u32, s32, u64, s64, f32, f64, f16, bf16, f16x2, bf16x2, b16 };

// op.flags: space (4 bits), 16 address of 64 bits, 32 has a result; op.e: operation << 8 | number; op.c: value to put
// of cas
constexpr u32 wide_address = 16, has_result = 32;

template <class T>
T integer_result(Operation operation, T old, T value) {
  switch (operation) {
    case Operation::add:
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(old) + static_cast<std::make_unsigned_t<T>>(value));
    case Operation::min:
      return value < old ? value : old;
    case Operation::max:
      return value > old ? value : old;
    case Operation::inc:
      return old >= value ? 0 : static_cast<T>(old + 1);
    case Operation::dec:
      return old == 0 || old > value ? value : static_cast<T>(old - 1);
    case Operation::bit_and:
      return static_cast<T>(old & value);
    case Operation::bit_or:
      return static_cast<T>(old | value);
    case Operation::bit_xor:
      return static_cast<T>(old ^ value);
    default:
      return value;
  }
}

float half_result(Operation operation, float old, float value) {
  return operation == Operation::min   ? std::fmin(old, value)
         : operation == Operation::max ? std::fmax(old, value)
                                       : old + value;
}

u32 half_bits(Operation operation, bool is_bfloat, u32 old, u32 value) {
  if (is_bfloat)
    return float_to_bfloat(half_result(operation, bfloat_to_float(old & 0xffff), bfloat_to_float(value & 0xffff)));
  return float_to_half(
      half_result(operation, half_to_float(static_cast<u16>(old)), half_to_float(static_cast<u16>(value))));
}

u64 result_of(Operation operation, Number number, u64 old, u64 value) {
  if (operation >= Operation::exch) return value;
  switch (number) {
    case Number::u32:
      return integer_result<u32>(operation, static_cast<u32>(old), static_cast<u32>(value));
    case Number::s32:
      return static_cast<u32>(
          integer_result<std::int32_t>(operation, static_cast<std::int32_t>(old), static_cast<std::int32_t>(value)));
    case Number::u64:
      return integer_result<u64>(operation, old, value);
    case Number::s64:
      return static_cast<u64>(
          integer_result<std::int64_t>(operation, static_cast<std::int64_t>(old), static_cast<std::int64_t>(value)));
    case Number::f32:
      return std::bit_cast<u32>(std::bit_cast<float>(static_cast<u32>(old)) +
                                std::bit_cast<float>(static_cast<u32>(value)));
    case Number::f64:
      return std::bit_cast<u64>(std::bit_cast<double>(old) + std::bit_cast<double>(value));
    case Number::f16:
    case Number::bf16:
      return half_bits(operation, number == Number::bf16, static_cast<u32>(old), static_cast<u32>(value));
    case Number::f16x2:
    case Number::bf16x2: {
      const bool b = number == Number::bf16x2;
      const auto x = static_cast<u32>(old), y = static_cast<u32>(value);
      return half_bits(operation, b, x & 0xffff, y & 0xffff) | half_bits(operation, b, x >> 16, y >> 16) << 16;
    }
    default:
      return value;
  }
}

/// Other host threads may be at the same place.
template <class T>
T update(std::byte* place, Operation operation, Number number, T value, T replacement) {
  std::atomic_ref<T> target(*reinterpret_cast<T*>(place));
  T old = target.load();
  if (operation == Operation::cas) {
    T expected = value;
    while (!target.compare_exchange_strong(expected, replacement))
      if (expected != value) return expected;
    return value;
  }
  while (!target.compare_exchange_weak(old, static_cast<T>(result_of(operation, number, old, value)))) {
  }
  return old;
}

u32 bytes_of(Number number) {
  switch (number) {
    case Number::u64:
    case Number::s64:
    case Number::f64:
      return 8;
    case Number::f16:
    case Number::bf16:
    case Number::b16:
      return 2;
    default:
      return 4;
  }
}

void atomic(Warp& w, const MicroOp& op) {
  u64 addresses[lanes];
  load_addresses(w, op, op.flags & wide_address, addresses);
  const auto operation = static_cast<Operation>(op.e >> 8);
  const auto number = static_cast<Number>(op.e & 255);
  each_space(static_cast<Space>(op.flags & 15), addresses, w.mask, [&](Space space, const u64* places, u32 mask) {
    Access access;
    if (!prepare(w, op, space, Direction::atomic, places, mask, op.bytes, access)) return false;
    each_lane(mask, [&](int l) {
      if (op.bytes == 8) {
        const u64 replacement = operation == Operation::cas ? w.at<u64>(op.c)[l] : 0;
        const u64 old = update<u64>(access.pointers[l], operation, number, w.at<u64>(op.b)[l], replacement);
        if (op.flags & has_result) w.at<u64>(op.d)[l] = old;
        return;
      }
      const u32 value = w.at<u32>(op.b)[l], replacement = operation == Operation::cas ? w.at<u32>(op.c)[l] : 0;
      const u32 old = op.bytes == 2 ? update<u16>(access.pointers[l], operation, number, static_cast<u16>(value),
                                                  static_cast<u16>(replacement))
                                    : update<u32>(access.pointers[l], operation, number, value, replacement);
      if (op.flags & has_result) w.at<u32>(op.d)[l] = old;
    });
    return true;
  });
}

void emit_atomic(Emitter& emitter, bool has_destination) {
  const bool with_result = has_destination && emitter.operand(0).kind != Operand::Kind::sink;
  static const std::pair<std::string_view, Operation> operations[] = {
      {"add", Operation::add},   {"min", Operation::min},     {"max", Operation::max},   {"inc", Operation::inc},
      {"dec", Operation::dec},   {"and", Operation::bit_and}, {"or", Operation::bit_or}, {"xor", Operation::bit_xor},
      {"exch", Operation::exch}, {"cas", Operation::cas}};
  static const std::pair<std::string_view, Number> numbers[] = {
      {"u32", Number::u32}, {"b32", Number::u32},   {"s32", Number::s32},     {"u64", Number::u64},
      {"b64", Number::u64}, {"s64", Number::s64},   {"f32", Number::f32},     {"f64", Number::f64},
      {"f16", Number::f16}, {"bf16", Number::bf16}, {"f16x2", Number::f16x2}, {"bf16x2", Number::bf16x2},
      {"b16", Number::b16}};
  const Operation* operation = nullptr;
  const Number* number = nullptr;
  for (const auto& [name, value] : operations)
    if (emitter.has(name)) operation = &value;
  for (const auto& [name, value] : numbers)
    if (emitter.type() == name) number = &value;
  if (operation == nullptr || number == nullptr) emitter.unsupported();
  const std::size_t first = has_destination ? 1 : 0;
  if (emitter.operand(first + 1).kind == Operand::Kind::vector) emitter.unsupported("vectors");
  const bool is_wide = bytes_of(*number) == 8, is_float = emitter.type()[0] == 'f';
  bool wide_base = false;
  std::int64_t offset = 0;
  const u32 base = emitter.address_base(emitter.operand(first), wide_base, offset);
  const u32 d = with_result ? emitter.destination(emitter.operand(0)) : 0;
  const u32 b = is_wide ? emitter.wide(emitter.operand(first + 1), is_float)
                        : emitter.narrow(emitter.operand(first + 1), is_float);
  u32 c = 0;
  if (*operation == Operation::cas)
    c = is_wide ? emitter.wide(emitter.operand(first + 2)) : emitter.narrow(emitter.operand(first + 2));
  const Space space = emitter.has("global")                                 ? Space::global
                      : emitter.has("shared") || emitter.has("shared::cta") ? Space::shared
                      : emitter.has("shared::cluster")                      ? Space::cluster
                                                                            : Space::generic;
  MicroOp& op = emitter.emit(atomic, InstructionClass::atomic);
  op.a = base, op.b = b, op.c = c, op.d = d, op.immediate = static_cast<u64>(offset);
  op.e = static_cast<u32>(*operation) << 8 | static_cast<u32>(*number);
  op.bytes = static_cast<std::uint8_t>(bytes_of(*number));
  op.flags =
      static_cast<u16>(static_cast<u32>(space) | (wide_base ? wide_address : 0) | (with_result ? has_result : 0));
}

}  // namespace

namespace decoders {

void atom(Emitter& emitter) {
  emit_atomic(emitter, true);
}

void red(Emitter& emitter) {
  if (emitter.has("async")) emitter.unsupported();
  emit_atomic(emitter, false);
}

}  // namespace decoders
}  // namespace halyard::simulator
