// Between types, and between memory and tiles.
#pragma once

#include "half_floats.h"
#include "halyard/type.h"
#include "kernels/expression.h"
#include "tile_integers.h"

namespace {

/// NaN gives 0, what is beyond the range the nearest bound.
template <typename Element>
void cast_from_floats(void* result, const void* a, const void*, const void*, int32_t count) {
  using Held = typename Holding<Element>::Held;
  constexpr bool has_sign = static_cast<Element>(-1) < static_cast<Element>(0);
  constexpr Element most = static_cast<Element>(has_sign ? (uint64_t{1} << (sizeof(Element) * 8 - 1)) - 1 : ~uint64_t{0});
  constexpr Element lowest = has_sign ? static_cast<Element>(-most - 1) : Element{0};
  // The smallest float above the range is a power of two.
  const float above = has_sign ? -static_cast<float>(lowest) : static_cast<float>(most / 2 + 1) * 2.0f;
  for (int32_t i = 0; i < count; i++) {
    const float x = static_cast<const float*>(a)[i];
    Element value;
    if (x >= above)
      value = most;
    else if (x <= static_cast<float>(lowest))
      value = lowest;
    else
      value = x == x ? static_cast<Element>(x) : Element{0};
    static_cast<Held*>(result)[i] = static_cast<Held>(value);
  }
}

template <typename From>
void cast_to_floats(void* result, const void* a, const void*, const void*, int32_t count) {
  using Held = typename Holding<From>::Held;
#pragma GCC ivdep
  for (int32_t i = 0; i < count; i++)
    static_cast<float*>(result)[i] = static_cast<float>(static_cast<From>(static_cast<const Held*>(a)[i]));
}

template <typename From, typename To>
void cast_integers(void* result, const void* a, const void*, const void*, int32_t count) {
  using FromHeld = typename Holding<From>::Held;
  using ToHeld = typename Holding<To>::Held;
  // In place and widening, the first elements would overwrite the next: the engine never asks for that.
  for (int32_t i = 0; i < count; i++)
    static_cast<ToHeld*>(result)[i] =
        static_cast<ToHeld>(static_cast<To>(static_cast<From>(static_cast<const FromHeld*>(a)[i])));
}

void copy_floats(void* result, const void* a, const void*, const void*, int32_t count) {
  for (int32_t i = 0; i < count; i += lanes)
    store(static_cast<float*>(result) + i, load(static_cast<const float*>(a) + i));
}
void round_to_float16(void* result, const void* a, const void*, const void*, int32_t count) {
  for (int32_t i = 0; i < count; i += lanes) {
    uint16_t packed[lanes];
    store_float16(packed, load(static_cast<const float*>(a) + i));
    store(static_cast<float*>(result) + i, load_float16(packed));
  }
}
void round_to_bfloat16(void* result, const void* a, const void*, const void*, int32_t count) {
  for (int32_t i = 0; i < count; i += lanes)
    store(static_cast<float*>(result) + i, widen_bfloat16(narrow_bfloat16(load(static_cast<const float*>(a) + i))));
}

bool is_tile_float(Type type) { return type == Type::float32 || type == Type::float16 || type == Type::bfloat16; }

template <typename From>
TileFunction find_integer_cast(Type to) {
  switch (to) {
    case Type::float32:
    case Type::float16:
    case Type::bfloat16:
      return cast_to_floats<From>;
    case Type::int64:
      return cast_integers<From, int64_t>;
    case Type::uint64:
      return cast_integers<From, uint64_t>;
    case Type::int32:
      return cast_integers<From, int32_t>;
    case Type::uint32:
      return cast_integers<From, uint32_t>;
    case Type::int8:
      return cast_integers<From, int8_t>;
    case Type::uint8:
      return cast_integers<From, uint8_t>;
    default:
      return nullptr;
  }
}

TileFunction find_float_cast(Type to) {
  switch (to) {
    case Type::float32:
      return copy_floats;
    case Type::float16:
      return round_to_float16;
    case Type::bfloat16:
      return round_to_bfloat16;
    case Type::int64:
      return cast_from_floats<int64_t>;
    case Type::uint64:
      return cast_from_floats<uint64_t>;
    case Type::int32:
      return cast_from_floats<int32_t>;
    case Type::uint32:
      return cast_from_floats<uint32_t>;
    case Type::int8:
      return cast_from_floats<int8_t>;
    case Type::uint8:
      return cast_from_floats<uint8_t>;
    default:
      return nullptr;
  }
}

TileFunction find_cast(Type to, Type from) {
  switch (from) {
    case Type::int64:
      return find_integer_cast<int64_t>(to);
    case Type::uint64:
      return find_integer_cast<uint64_t>(to);
    case Type::int32:
      return find_integer_cast<int32_t>(to);
    case Type::uint32:
      return find_integer_cast<uint32_t>(to);
    case Type::int8:
      return find_integer_cast<int8_t>(to);
    case Type::uint8:
      return find_integer_cast<uint8_t>(to);
    default:
      return is_tile_float(from) ? find_float_cast(to) : nullptr;
  }
}

template <typename Element>
void load_integers(void* tile, const void* memory, int32_t count) {
  using Held = typename Holding<Element>::Held;
  for (int32_t i = 0; i < count; i++)
    static_cast<Held*>(tile)[i] = static_cast<Held>(static_cast<const Element*>(memory)[i]);
}
template <typename Element>
void store_integers(void* memory, const void* tile, int32_t count) {
  using Held = typename Holding<Element>::Held;
  for (int32_t i = 0; i < count; i++)
    static_cast<Element*>(memory)[i] = static_cast<Element>(static_cast<const Held*>(tile)[i]);
}

void load_float32(void* tile, const void* memory, int32_t count) {
  __builtin_memcpy(tile, memory, static_cast<size_t>(count) * 4);
}
void store_float32(void* memory, const void* tile, int32_t count) {
  __builtin_memcpy(memory, tile, static_cast<size_t>(count) * 4);
}

/// Whole vectors in place, the rest through a padded copy.
#define HALYARD_HALF_FLOATS(type)                                                            \
  void load_tile_##type(void* tile, const void* memory, int32_t count) {                     \
    const auto* from = static_cast<const uint16_t*>(memory);                                 \
    auto* to = static_cast<float*>(tile);                                                    \
    int32_t i = 0;                                                                           \
    for (; i + lanes <= count; i += lanes) store(to + i, load_##type(from + i));             \
    if (i == count) return;                                                                  \
    uint16_t rest[lanes] = {};                                                               \
    for (int32_t j = i; j < count; j++) rest[j - i] = from[j];                               \
    const Floats last = load_##type(rest);                                                   \
    for (int32_t j = i; j < count; j++) to[j] = last[j - i];                                 \
  }                                                                                          \
  void store_tile_##type(void* memory, const void* tile, int32_t count) {                    \
    auto* to = static_cast<uint16_t*>(memory);                                               \
    const auto* from = static_cast<const float*>(tile);                                      \
    int32_t i = 0;                                                                           \
    for (; i + lanes <= count; i += lanes) store_##type(to + i, load(from + i));             \
    if (i == count) return;                                                                  \
    Floats last = {};                                                                        \
    for (int32_t j = i; j < count; j++) last[j - i] = from[j];                               \
    uint16_t rest[lanes];                                                                    \
    store_##type(rest, last);                                                                \
    for (int32_t j = i; j < count; j++) to[j] = rest[j - i];                                 \
  }
HALYARD_HALF_FLOATS(float16)
HALYARD_HALF_FLOATS(bfloat16)
#undef HALYARD_HALF_FLOATS

void stream_floats(void* memory, const void* tile, int32_t count) {
  for (int32_t i = 0; i < count; i += lanes)
    store_past_caches(static_cast<float*>(memory) + i, load(static_cast<const float*>(tile) + i));
}

template <typename Word>
void collect_words(void* packed, const void* memory, ptrdiff_t stride, int32_t count) {
  const auto* from = static_cast<const Word*>(memory);
  for (int32_t i = 0; i < count; i++, from += stride) static_cast<Word*>(packed)[i] = *from;
}
template <typename Word>
void spill_words(void* memory, ptrdiff_t stride, const void* packed, int32_t count) {
  auto* to = static_cast<Word*>(memory);
  for (int32_t i = 0; i < count; i++, to += stride) *to = static_cast<const Word*>(packed)[i];
}

template <typename Held>
void spread_first(void* result, const void* a, const void*, const void*, int32_t count) {
  const Held value = *static_cast<const Held*>(a);
  for (int32_t i = 0; i < count; i++) static_cast<Held*>(result)[i] = value;
}

}  // namespace
