#pragma once

#include <cstdint>
#include <optional>

#include "../execution/step_kernel.h"
#include "../kernels/expression.h"

namespace halyard::cpu {

inline Lane lane_of(Type type) {
  if (is_float(type) || is_block(type)) return Lane::f32;
  return type == Type::int64 || type == Type::uint64 ? Lane::i64 : Lane::i32;
}
inline int lane_bytes(Lane lane) { return lane == Lane::i64 ? 8 : 4; }

/// Elements of memory as a program's tiles meet them: the element at `index` is `offset + Σ index[axis] · strides[axis]`
/// (with `block`, `index[axis] / block[axis]`). A coordinate is the same sum itself.
struct Access {
  bool is_coordinate = false;
  std::int32_t tensor = 0;
  Type type = Type::int32;
  std::int64_t offset = 0;
  Extents strides;
  Extents block;
  /// Of a target: along `axis` the slice is named by `indices`, and dropped if it is outside of `extent`.
  struct Rows {
    int axis = 0;
    std::int64_t stride = 0;
    std::int64_t extent = 0;
    std::int32_t tensor = 0;
    Type type = Type::int32;
    std::int64_t offset = 0;
    std::int64_t indices_stride = 0;
  };
  std::optional<Rows> rows;
};

/// A rectangle of a program's domain: `rows` along the row axis and `columns` along the column axis from `index` on.
struct Tile {
  const std::int64_t* index;
  std::int32_t rows;
  std::int32_t columns;
};

/// The axes that tiles extend along; −1 where there is none.
struct TileAxes {
  int row = -1;
  int column = -1;
};

/// The best kernels written for a level or for one that it includes.
const ExpressionKernels& expression_kernels_of(Level level);

std::int64_t element_of(const Access& access, const std::int64_t* index);

/// Reads a rectangle into a tile, row after row.
void load_tile(const ExpressionKernels& kernels, const Program& program, const Frame& frame, const Access& access,
               TileAxes axes, const Tile& tile, void* to);
/// Writes a rectangle from a tile. `past_caches` is a wish that holds for aligned float32 alone.
void store_tile(const ExpressionKernels& kernels, const Program& program, const Frame& frame, const Access& access,
                TileAxes axes, const Tile& tile, const void* from, bool past_caches);
/// Where the rectangle lies in memory, if it is contiguous float32 that kernels may run over as it is; else null.
float* in_place(const Program& program, const Frame& frame, const Access& access, TileAxes axes, const Tile& tile);

/// Elements [element, element + count) of a block-quantized tensor as float32.
void dequantize(Type type, const std::byte* tensor, std::int64_t element, std::int64_t count, float* to);

}  // namespace halyard::cpu
