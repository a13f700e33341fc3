#pragma once

#include <array>

#include "../expression/tile_program.h"

namespace halyard::cpu {

inline constexpr std::size_t greatest_rank = 16;
using Index = std::array<std::int64_t, greatest_rank>;

inline std::int64_t count_of(const Extents& shape) {
  std::int64_t count = 1;
  for (std::int64_t extent : shape) count *= extent;
  return count;
}

/// The shape that a target takes: its own, or with rows as many slices as there are indices.
inline Extents result_shape(const Target& target) {
  Extents shape = target.shape;
  if (target.rows) shape[static_cast<std::size_t>(target.rows->axis)] = target.rows->indices.shape[0];
  return shape;
}

/// The position-th element (row-major) of the axes [0, end) of a shape; the other indices stay as they are.
inline void unravel(const Extents& shape, std::size_t end, std::int64_t position, Index& index) {
  for (std::size_t axis = end; axis-- > 0;) {
    index[axis] = position % shape[axis];
    position /= shape[axis];
  }
}

/// Rows and columns of a shape are its last two axes.
inline TileAxes last_axes(const Extents& shape) {
  const int rank = static_cast<int>(shape.size());
  return {rank > 1 ? rank - 2 : -1, rank - 1};
}

/// Sets the index of (batch, row, column), batch counting the axes before the last two.
inline Index index_of(const Extents& shape, std::int64_t batch, std::int64_t row, std::int64_t column) {
  Index index{};
  const std::size_t rank = shape.size();
  if (rank > 2) unravel(shape, rank - 2, batch, index);
  if (rank > 1) index[rank - 2] = row;
  if (rank > 0) index[rank - 1] = column;
  return index;
}

/// All targets of a step.
inline std::vector<const Target*> targets_of(const Step& step) {
  std::vector<const Target*> targets;
  for (const Target& target : step.outputs) targets.push_back(&target);
  return targets;
}

}  // namespace halyard::cpu
