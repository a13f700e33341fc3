#include "access.h"

#include <bit>
#include <cstring>

namespace halyard::cpu {
namespace {

std::int64_t stride_along(const Access& access, int axis) {
  return axis < 0 ? 0 : access.strides[static_cast<std::size_t>(axis)];
}

bool contiguous(std::int64_t row_stride, std::int64_t column_stride, const Tile& tile) {
  if (column_stride != 1 && tile.columns != 1) return false;
  return tile.rows == 1 || row_stride == tile.columns;
}

std::byte* tensor_base(const Program& program, const Frame& frame, std::int32_t tensor) {
  return address(frame, program.tensors[static_cast<std::size_t>(tensor)]);
}

/// One run of elements `stride` apart.
void load_run(const ExpressionKernels& kernels, Type type, const std::byte* base, std::int64_t element,
              std::int64_t stride, std::int32_t count, std::byte* to) {
  if (is_block(type)) {
    auto* floats = reinterpret_cast<float*>(to);
    if (stride == 1 || count == 1) {
      dequantize(type, base, element, count, floats);
    } else {
      for (std::int32_t i = 0; i < count; i++) dequantize(type, base, element + i * stride, 1, floats + i);
    }
    return;
  }
  const int bytes = layout_of(type).bytes;
  const LoadFunction load = kernels.load[static_cast<int>(type)];
  const std::byte* memory = base + element * bytes;
  if (stride == 1 || count == 1) {
    load(to, memory, count);
    return;
  }
  alignas(64) std::byte packed[tile_elements * 8];
  kernels.collect[std::countr_zero(static_cast<unsigned>(bytes))](packed, memory, stride, count);
  load(to, packed, count);
}

void store_run(const ExpressionKernels& kernels, Type type, std::byte* base, std::int64_t element, std::int64_t stride,
               std::int32_t count, const std::byte* from) {
  const int bytes = layout_of(type).bytes;
  const StoreFunction store = kernels.store[static_cast<int>(type)];
  std::byte* memory = base + element * bytes;
  if (stride == 1 || count == 1) {
    store(memory, from, count);
    return;
  }
  alignas(64) std::byte packed[tile_elements * 8];
  store(packed, from, count);
  kernels.spill[std::countr_zero(static_cast<unsigned>(bytes))](memory, stride, packed, count);
}

void load_coordinates(const Access& access, TileAxes axes, const Tile& tile, std::int32_t* to) {
  const std::int64_t first = element_of(access, tile.index);
  const std::int64_t row_stride = stride_along(access, axes.row);
  const std::int64_t column_stride = stride_along(access, axes.column);
  for (std::int32_t row = 0; row < tile.rows; row++)
    for (std::int32_t column = 0; column < tile.columns; column++)
      *to++ = static_cast<std::int32_t>(first + row * row_stride + column * column_stride);
}

/// One element at a time: scales of blocks.
void load_blocked(const ExpressionKernels& kernels, const std::byte* base, const Access& access, TileAxes axes,
                  const Tile& tile, std::byte* to) {
  const int bytes = lane_bytes(lane_of(access.type));
  const std::size_t rank = access.strides.size();
  for (std::int32_t row = 0; row < tile.rows; row++) {
    for (std::int32_t column = 0; column < tile.columns; column++, to += bytes) {
      std::int64_t element = access.offset;
      for (std::size_t axis = 0; axis < rank; axis++) {
        std::int64_t index = tile.index[axis];
        if (static_cast<int>(axis) == axes.row) index += row;
        if (static_cast<int>(axis) == axes.column) index += column;
        element += index / access.block[axis] * access.strides[axis];
      }
      load_run(kernels, access.type, base, element, 1, 1, to);
    }
  }
}

std::int64_t named_row(const Program& program, const Frame& frame, const Access::Rows& rows, std::int64_t slice) {
  const std::byte* base = tensor_base(program, frame, rows.tensor);
  const std::int64_t element = rows.offset + slice * rows.indices_stride;
  if (rows.type == Type::int64) {
    std::int64_t value;
    std::memcpy(&value, base + element * 8, 8);
    return value;
  }
  std::int32_t value;
  std::memcpy(&value, base + element * 4, 4);
  return value;
}

/// The access' own stride along the named axis is 0; the slices are put in here.
void store_rows(const ExpressionKernels& kernels, const Program& program, const Frame& frame, const Access& access,
                TileAxes axes, const Tile& tile, const std::byte* from) {
  const Access::Rows& rows = *access.rows;
  std::byte* base = tensor_base(program, frame, access.tensor);
  const int bytes = lane_bytes(lane_of(access.type));
  const std::int64_t first = element_of(access, tile.index);
  const std::int64_t slice = tile.index[rows.axis];
  for (std::int32_t row = 0; row < tile.rows; row++, from += std::ptrdiff_t{tile.columns} * bytes) {
    const std::int64_t start = first + row * stride_along(access, axes.row);
    if (rows.axis != axes.column) {
      const std::int64_t named = named_row(program, frame, rows, slice + (rows.axis == axes.row ? row : 0));
      if (named < 0 || named >= rows.extent) continue;
      store_run(kernels, access.type, base, start + named * rows.stride, stride_along(access, axes.column),
                tile.columns, from);
      continue;
    }
    for (std::int32_t column = 0; column < tile.columns; column++) {
      const std::int64_t named = named_row(program, frame, rows, slice + column);
      if (named < 0 || named >= rows.extent) continue;
      store_run(kernels, access.type, base, start + named * rows.stride, 1, 1, from + column * bytes);
    }
  }
}

}  // namespace

std::int64_t element_of(const Access& access, const std::int64_t* index) {
  std::int64_t element = access.offset;
  for (std::size_t axis = 0; axis < access.strides.size(); axis++) element += index[axis] * access.strides[axis];
  return element;
}

void load_tile(const ExpressionKernels& kernels, const Program& program, const Frame& frame, const Access& access,
               TileAxes axes, const Tile& tile, void* to) {
  if (access.is_coordinate) {
    load_coordinates(access, axes, tile, static_cast<std::int32_t*>(to));
    return;
  }
  const std::byte* base = tensor_base(program, frame, access.tensor);
  auto* target = static_cast<std::byte*>(to);
  if (!access.block.empty()) {
    load_blocked(kernels, base, access, axes, tile, target);
    return;
  }
  const std::int64_t row_stride = stride_along(access, axes.row);
  const std::int64_t column_stride = stride_along(access, axes.column);
  const std::int64_t first = element_of(access, tile.index);
  if (contiguous(row_stride, column_stride, tile)) {
    load_run(kernels, access.type, base, first, 1, tile.rows * tile.columns, target);
    return;
  }
  const std::ptrdiff_t bytes = std::ptrdiff_t{tile.columns} * lane_bytes(lane_of(access.type));
  for (std::int32_t row = 0; row < tile.rows; row++)
    load_run(kernels, access.type, base, first + row * row_stride, column_stride, tile.columns, target + row * bytes);
}

void store_tile(const ExpressionKernels& kernels, const Program& program, const Frame& frame, const Access& access,
                TileAxes axes, const Tile& tile, const void* from, bool past_caches) {
  const auto* source = static_cast<const std::byte*>(from);
  if (access.rows) {
    store_rows(kernels, program, frame, access, axes, tile, source);
    return;
  }
  std::byte* base = tensor_base(program, frame, access.tensor);
  const std::int64_t row_stride = stride_along(access, axes.row);
  const std::int64_t column_stride = stride_along(access, axes.column);
  const std::int64_t first = element_of(access, tile.index);
  const std::int32_t count = tile.rows * tile.columns;
  if (contiguous(row_stride, column_stride, tile)) {
    std::byte* memory = base + first * layout_of(access.type).bytes;
    if (past_caches && access.type == Type::float32 && count % 16 == 0 &&
        reinterpret_cast<std::uintptr_t>(memory) % 64 == 0)
      kernels.store_past_caches(memory, from, count);
    else
      store_run(kernels, access.type, base, first, 1, count, source);
    return;
  }
  const std::ptrdiff_t bytes = std::ptrdiff_t{tile.columns} * lane_bytes(lane_of(access.type));
  for (std::int32_t row = 0; row < tile.rows; row++)
    store_run(kernels, access.type, base, first + row * row_stride, column_stride, tile.columns, source + row * bytes);
}

float* in_place(const Program& program, const Frame& frame, const Access& access, TileAxes axes, const Tile& tile) {
  if (access.is_coordinate || access.rows || !access.block.empty() || access.type != Type::float32) return nullptr;
  if ((tile.rows * tile.columns) % 16 != 0) return nullptr;
  if (!contiguous(stride_along(access, axes.row), stride_along(access, axes.column), tile)) return nullptr;
  return reinterpret_cast<float*>(tensor_base(program, frame, access.tensor)) + element_of(access, tile.index);
}

}  // namespace halyard::cpu
