#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "halyard/types.h"

namespace halyard::cpu {

/// IEEE 754 binary16 to float32.
inline float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 31u;
  const std::uint32_t fraction = bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

inline float brain_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// The types that products read without a reader's help.
inline bool is_float_element(Type type) {
  return type == Type::float32 || type == Type::float16 || type == Type::bfloat16;
}

inline float float_element(Type type, const std::byte* from, std::int64_t index) {
  if (type == Type::float32) {
    float value;
    std::memcpy(&value, from + index * 4, 4);
    return value;
  }
  std::uint16_t bits;
  std::memcpy(&bits, from + index * 2, 2);
  return type == Type::float16 ? half_to_float(bits) : brain_to_float(bits);
}

}  // namespace halyard::cpu
