#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "halyard/type.h"

namespace halyard {

inline constexpr int type_count = 18;

/// Elements of a block and the bytes it takes.
struct TypeLayout {
  std::string_view name;
  std::int32_t elements;
  std::int32_t bytes;
};

inline constexpr TypeLayout type_layouts[type_count] = {
    {"float32", 1, 4},  {"float16", 1, 2}, {"bfloat16", 1, 2}, {"float8e4m3", 1, 1}, {"float8e5m2", 1, 1},
    {"int64", 1, 8},    {"uint64", 1, 8},  {"int32", 1, 4},    {"uint32", 1, 4},     {"int8", 1, 1},
    {"uint8", 1, 1},    {"int4", 2, 1},    {"uint4", 2, 1},    {"q4_0", 32, 18},     {"q4_1", 32, 20},
    {"q8_0", 32, 34},   {"q4_k", 256, 144}, {"q6_k", 256, 210},
};

inline constexpr const TypeLayout& layout_of(Type type) { return type_layouts[static_cast<int>(type)]; }
inline constexpr std::string_view name_of(Type type) { return layout_of(type).name; }
inline constexpr bool is_block(Type type) { return type >= Type::q4_0; }
inline constexpr bool is_float(Type type) { return type <= Type::float8e5m2; }
inline constexpr bool is_unsigned(Type type) {
  return type == Type::uint64 || type == Type::uint32 || type == Type::uint8 || type == Type::uint4;
}

}  // namespace halyard
