#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "../expression/access.h"

/// Values as tiles hold them, compared and combined one by one.
namespace halyard::cpu {

/// What a tile's element means: the C++ type to compare and combine with, and the type it is held in.
template <typename T, typename H>
struct HeldAs {
  using Value = T;
  using Held = H;
};

/// Calls `visit` with the HeldAs of a type. Narrow integers are held sign- or zero-extended, so that int32 compares them.
template <typename Visit>
auto visit_held(Type type, Visit visit) {
  switch (type) {
    case Type::int64:
      return visit(HeldAs<std::int64_t, std::int64_t>{});
    case Type::uint64:
      return visit(HeldAs<std::uint64_t, std::int64_t>{});
    case Type::uint32:
      return visit(HeldAs<std::uint32_t, std::int32_t>{});
    case Type::int32:
    case Type::int8:
    case Type::uint8:
      return visit(HeldAs<std::int32_t, std::int32_t>{});
    default:
      return visit(HeldAs<float, float>{});
  }
}

enum class Combine { sum, product, min, max };

/// Floats propagate NaN, integers wrap (the caller narrows them).
template <typename T>
T combined(Combine combine, T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Word = std::make_unsigned_t<T>;
    if (combine == Combine::sum) return static_cast<T>(static_cast<Word>(a) + static_cast<Word>(b));
    if (combine == Combine::product) return static_cast<T>(static_cast<Word>(a) * static_cast<Word>(b));
    return combine == Combine::min ? (b < a ? b : a) : (b > a ? b : a);
  } else {
    if (combine == Combine::sum) return a + b;
    if (combine == Combine::product) return a * b;
    if (combine == Combine::min) return a < b || a != a ? a : b;
    return a > b || a != a ? a : b;
  }
}

/// What combining nothing gives, in a type of its own width.
template <typename T>
T identity(Combine combine, Type type) {
  if (combine == Combine::sum) return T{0};
  if (combine == Combine::product) return T{1};
  const bool least = combine == Combine::max;
  if (type == Type::int8) return static_cast<T>(least ? -128 : 127);
  if (type == Type::uint8) return static_cast<T>(least ? 0 : 255);
  if constexpr (std::is_floating_point_v<T>)
    return least ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
  else
    return least ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}

/// An integer of up to 32 bits wrapped to its type.
template <typename T>
T narrowed(Type type, T value) {
  if constexpr (std::is_integral_v<T>) {
    if (type == Type::int8) return static_cast<T>(static_cast<std::int8_t>(value));
    if (type == Type::uint8) return static_cast<T>(static_cast<std::uint8_t>(value));
  }
  return value;
}

}  // namespace halyard::cpu
