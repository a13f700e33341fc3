// Integer operators over tiles: plain loops, which the compiler vectorizes. `Held` is what a tile holds, `Element` the
// type itself.
#pragma once

#include "halyard/scalar_operator.h"
#include "halyard/type.h"
#include "kernels/expression.h"
#include "vector.h"

namespace {

using halyard::ScalarOperator;
using halyard::Type;
using halyard::cpu::TileFunction;

template <typename Element>
struct Holding {
  using Held = int32_t;
  using Word = uint32_t;
};
template <>
struct Holding<int64_t> {
  using Held = int64_t;
  using Word = uint64_t;
};
template <>
struct Holding<uint64_t> {
  using Held = int64_t;
  using Word = uint64_t;
};

template <typename Element>
struct Integers {
  using Held = typename Holding<Element>::Held;
  using Word = typename Holding<Element>::Word;
  static constexpr bool has_sign = static_cast<Element>(-1) < static_cast<Element>(0);

  static inline __attribute__((always_inline)) Held hold(Word value) {
    return static_cast<Held>(static_cast<Element>(value));
  }

  static void add(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) at(result)[i] = hold(word(a, i) + word(b, i));
  }
  static void sub(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) at(result)[i] = hold(word(a, i) - word(b, i));
  }
  static void mul(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) at(result)[i] = hold(word(a, i) * word(b, i));
  }
  static void div(void* result, const void* a, const void* b, const void*, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
      const Element x = element(a, i);
      const Element y = element(b, i);
      // The one quotient that does not fit wraps to itself.
      if (y == 0)
        at(result)[i] = 0;
      else if (has_sign && y == static_cast<Element>(-1))
        at(result)[i] = hold(Word{0} - word(a, i));
      else
        at(result)[i] = hold(static_cast<Word>(x / y));
    }
  }
  /// By squaring, wrapping. A negative exponent truncates: 0, save for bases 1 and −1.
  static void pow(void* result, const void* a, const void* b, const void*, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
      const Element x = element(a, i);
      const Element y = element(b, i);
      if (has_sign && y < 0) {
        const bool odd = (static_cast<Word>(y) & 1) != 0;
        const bool minus_one = x == static_cast<Element>(-1);
        at(result)[i] = x == 1 ? 1 : minus_one ? (odd ? -1 : 1) : 0;
        continue;
      }
      Word power = 1;
      Word square = word(a, i);
      for (Word rest = static_cast<Word>(y); rest != 0; rest >>= 1) {
        if ((rest & 1) != 0) power *= square;
        square *= square;
      }
      at(result)[i] = hold(power);
    }
  }
  static void min(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++)
      at(result)[i] = element(a, i) < element(b, i) ? static_cast<const Held*>(a)[i] : static_cast<const Held*>(b)[i];
  }
  static void max(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++)
      at(result)[i] = element(a, i) > element(b, i) ? static_cast<const Held*>(a)[i] : static_cast<const Held*>(b)[i];
  }
  static void abs(void* result, const void* a, const void*, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) {
      const Word value = word(a, i);
      at(result)[i] = hold(has_sign && element(a, i) < 0 ? Word{0} - value : value);
    }
  }
  static void neg(void* result, const void* a, const void*, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) at(result)[i] = hold(Word{0} - word(a, i));
  }
  static void sign(void* result, const void* a, const void*, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) {
      const Element value = element(a, i);
      at(result)[i] = value > 0 ? 1 : (has_sign && value < 0) ? -1 : 0;
    }
  }
  static void same(void* result, const void* a, const void*, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) at(result)[i] = static_cast<const Held*>(a)[i];
  }
  static void select(void* result, const void* a, const void* b, const void* c, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++)
      at(result)[i] =
          static_cast<const int32_t*>(a)[i] != 0 ? static_cast<const Held*>(b)[i] : static_cast<const Held*>(c)[i];
  }

#define HALYARD_INTEGER_COMPARISON(name, expression)                                                \
  static void name(void* result, const void* a, const void* b, const void*, int32_t count) {        \
    _Pragma("GCC ivdep") for (int32_t i = 0; i < count; i++) {                                      \
      const Element x = element(a, i);                                                              \
      const Element y = element(b, i);                                                              \
      static_cast<int32_t*>(result)[i] = (expression) ? 1 : 0;                                      \
    }                                                                                               \
  }
  HALYARD_INTEGER_COMPARISON(equal, x == y)
  HALYARD_INTEGER_COMPARISON(not_equal, x != y)
  HALYARD_INTEGER_COMPARISON(lesser, x < y)
  HALYARD_INTEGER_COMPARISON(lesser_or_equal, x <= y)
  HALYARD_INTEGER_COMPARISON(greater, x > y)
  HALYARD_INTEGER_COMPARISON(greater_or_equal, x >= y)
  HALYARD_INTEGER_COMPARISON(logical_and, (x != 0) & (y != 0))
  HALYARD_INTEGER_COMPARISON(logical_or, (x != 0) | (y != 0))
  HALYARD_INTEGER_COMPARISON(logical_xor, (x != 0) != (y != 0))
#undef HALYARD_INTEGER_COMPARISON
  static void logical_not(void* result, const void* a, const void*, const void*, int32_t count) {
#pragma GCC ivdep
    for (int32_t i = 0; i < count; i++) static_cast<int32_t*>(result)[i] = element(a, i) == 0 ? 1 : 0;
  }
  static void never(void* result, const void*, const void*, const void*, int32_t count) {
    for (int32_t i = 0; i < count; i++) static_cast<int32_t*>(result)[i] = 0;
  }

  static TileFunction find(ScalarOperator op) {
    switch (op) {
      case ScalarOperator::add:
        return add;
      case ScalarOperator::sub:
        return sub;
      case ScalarOperator::mul:
        return mul;
      case ScalarOperator::div:
        return div;
      case ScalarOperator::pow:
        return pow;
      case ScalarOperator::min:
        return min;
      case ScalarOperator::max:
        return max;
      case ScalarOperator::abs:
        return abs;
      case ScalarOperator::neg:
        return neg;
      case ScalarOperator::sign:
        return sign;
      case ScalarOperator::floor:
      case ScalarOperator::ceil:
      case ScalarOperator::round_even:
        return same;
      case ScalarOperator::select:
        return select;
      default:
        return nullptr;
    }
  }

  static TileFunction find_comparison(ScalarOperator op) {
    switch (op) {
      case ScalarOperator::equal:
        return equal;
      case ScalarOperator::not_equal:
        return not_equal;
      case ScalarOperator::lesser:
        return lesser;
      case ScalarOperator::lesser_or_equal:
        return lesser_or_equal;
      case ScalarOperator::greater:
        return greater;
      case ScalarOperator::greater_or_equal:
        return greater_or_equal;
      case ScalarOperator::logical_and:
        return logical_and;
      case ScalarOperator::logical_or:
        return logical_or;
      case ScalarOperator::logical_xor:
        return logical_xor;
      case ScalarOperator::logical_not:
        return logical_not;
      case ScalarOperator::is_nan:
      case ScalarOperator::is_infinite:
        return never;
      default:
        return nullptr;
    }
  }

 private:
  static inline __attribute__((always_inline)) Held* at(void* tile) { return static_cast<Held*>(tile); }
  static inline __attribute__((always_inline)) Word word(const void* tile, int32_t i) {
    return static_cast<Word>(static_cast<const Held*>(tile)[i]);
  }
  static inline __attribute__((always_inline)) Element element(const void* tile, int32_t i) {
    return static_cast<Element>(static_cast<const Held*>(tile)[i]);
  }
};

/// Philox4x32-10 with key (seed, 0), block counter/4, word counter mod 4 (Salmon et al., SC 2011).
void random_words(void* result, const void* a, const void* b, const void*, int32_t count) {
#pragma GCC ivdep
  for (int32_t i = 0; i < count; i++) {
    const uint32_t counter = static_cast<const uint32_t*>(b)[i];
    uint32_t c0 = counter >> 2;
    uint32_t c1 = 0;
    uint32_t c2 = 0;
    uint32_t c3 = 0;
    uint32_t k0 = static_cast<const uint32_t*>(a)[i];
    uint32_t k1 = 0;
    for (int round = 0; round < 10; round++) {
      const uint64_t product0 = uint64_t{0xd2511f53u} * c0;
      const uint64_t product1 = uint64_t{0xcd9e8d57u} * c2;
      c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(product1);
      c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(product0);
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    const uint32_t word = counter & 3;
    static_cast<uint32_t*>(result)[i] = word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;
  }
}

TileFunction find_integer_operator(ScalarOperator op, Type type) {
  switch (type) {
    case Type::int64:
      return Integers<int64_t>::find(op);
    case Type::uint64:
      return Integers<uint64_t>::find(op);
    case Type::int32:
      return Integers<int32_t>::find(op);
    case Type::uint32:
      return Integers<uint32_t>::find(op);
    case Type::int8:
      return Integers<int8_t>::find(op);
    case Type::uint8:
      return Integers<uint8_t>::find(op);
    default:
      return nullptr;
  }
}

TileFunction find_integer_comparison(ScalarOperator op, Type type) {
  switch (type) {
    case Type::int64:
      return Integers<int64_t>::find_comparison(op);
    case Type::uint64:
      return Integers<uint64_t>::find_comparison(op);
    case Type::int32:
      return Integers<int32_t>::find_comparison(op);
    case Type::uint32:
      return Integers<uint32_t>::find_comparison(op);
    case Type::int8:
      return Integers<int8_t>::find_comparison(op);
    case Type::uint8:
      return Integers<uint8_t>::find_comparison(op);
    default:
      return nullptr;
  }
}

}  // namespace
