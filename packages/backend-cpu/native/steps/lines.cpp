#include "lines.h"

#include <algorithm>

namespace halyard::cpu {

const RowKernels& row_kernels_of(Level level) {
#if defined(__x86_64__)
  if (includes(level, Level::avx512)) return rows_avx512;
  if (includes(level, Level::avx2)) return rows_avx2;
#elif defined(__aarch64__)
  if (includes(level, Level::neon)) return rows_neon;
#endif
  (void)level;
  return rows_portable;
}

Type element_type(const Program& program, const Operand& operand) {
  auto read_type = [&program](const View& view) {
    const Type type = program.type_of(view);
    return is_block(type) ? Type::float32 : type;
  };
  const Type stored = operand.quantization ? read_type(operand.quantization->scale) : read_type(operand);
  if (!operand.prologue) return stored;
  const Expression& expression = *operand.prologue;
  const auto result = static_cast<std::size_t>(expression.results[0]);
  if (result == 0) return stored;
  if (result <= expression.inputs.size()) return read_type(expression.inputs[result - 1]);
  return expression.body[result - 1 - expression.inputs.size()].data_type;
}

Lines::Lines(const View& view, const std::vector<std::int64_t>& axes, std::int64_t most) : shape_(view.shape) {
  const int rank = view.rank();
  auto weight = [&view](int axis) {
    const std::int64_t stride = view.strides[static_cast<std::size_t>(axis)];
    return stride < 0 ? -stride : stride;
  };
  // The axis along which neighbours in memory lie.
  int nearest = -1;
  for (int axis = 0; axis < rank; axis++) {
    const bool is_line = std::find(axes.begin(), axes.end(), axis) != axes.end();
    (is_line ? line_axes_ : kept_axes_).push_back(axis);
    const auto extent = shape_[static_cast<std::size_t>(axis)];
    if (extent < 2 || weight(axis) == 0) continue;
    if (nearest < 0 || weight(axis) <= weight(nearest)) nearest = axis;
  }
  for (int axis : line_axes_) length_ *= shape_[static_cast<std::size_t>(axis)];
  across_ = nearest < 0 || std::find(kept_axes_.begin(), kept_axes_.end(), nearest) == kept_axes_.end();
  if (!kept_axes_.empty()) {
    group_axis_ = across_ ? kept_axes_.back() : nearest;
    kept_axes_.erase(std::find(kept_axes_.begin(), kept_axes_.end(), group_axis_));
    const std::int64_t extent = shape_[static_cast<std::size_t>(group_axis_)];
    const std::int64_t wish = std::max<std::int64_t>(tile_elements / std::max<std::int64_t>(length_, 1), 16);
    group_width_ = std::max<std::int64_t>(1, std::min({extent, across_ ? wish : std::int64_t{128}, most}));
    groups_along_ = (extent + group_width_ - 1) / group_width_;
    groups_ = groups_along_;
    for (int axis : kept_axes_) groups_ *= shape_[static_cast<std::size_t>(axis)];
  }
}

TileAxes Lines::axes() const {
  const int line = line_axes_.empty() ? -1 : line_axes_.back();
  return across_ ? TileAxes{group_axis_, line} : TileAxes{line, group_axis_};
}

std::int64_t Lines::begin(std::int64_t group, Index& index) const {
  index.fill(0);
  if (group_axis_ < 0) return 1;
  const std::int64_t along = group % groups_along_;
  group /= groups_along_;
  for (std::size_t i = kept_axes_.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(kept_axes_[i]);
    index[axis] = group % shape_[axis];
    group /= shape_[axis];
  }
  index[static_cast<std::size_t>(group_axis_)] = along * group_width_;
  return std::min(group_width_, shape_[static_cast<std::size_t>(group_axis_)] - along * group_width_);
}

void Lines::set_place(Index& index, std::int64_t place) const {
  for (std::size_t i = line_axes_.size(); i-- > 0;) {
    const auto axis = static_cast<std::size_t>(line_axes_[i]);
    index[axis] = place % shape_[axis];
    place /= shape_[axis];
  }
}

void Lines::read(const TileProgram& reader, const Frame& frame, Index& index, std::int64_t width, Range places,
                 std::byte* buffer, int bytes) const {
  const auto first = group_axis_ < 0 ? 0 : index[static_cast<std::size_t>(group_axis_)];
  const std::int64_t most = across_ ? tile_elements : std::max<std::int64_t>(1, tile_elements / width);
  walk(index, places.begin, places.end, most, [&](std::int64_t place, std::int64_t count) {
    if (!across_) {
      const TakenTile taken{buffer + place * width * bytes, width};
      reader.run(frame, {index.data(), static_cast<std::int32_t>(count), static_cast<std::int32_t>(width)}, nullptr,
                 &taken);
      return;
    }
    const std::int64_t step = std::max<std::int64_t>(1, tile_elements / count);
    for (std::int64_t line = 0; line < width; line += step) {
      if (group_axis_ >= 0) index[static_cast<std::size_t>(group_axis_)] = first + line;
      const TakenTile taken{buffer + (line * length_ + place) * bytes, length_};
      reader.run(frame,
                 {index.data(), static_cast<std::int32_t>(std::min(step, width - line)), static_cast<std::int32_t>(count)},
                 nullptr, &taken);
    }
    if (group_axis_ >= 0) index[static_cast<std::size_t>(group_axis_)] = first;
  });
}

void Lines::write(const TileProgram& writer, const Frame& frame, Index& index, std::int64_t width, Range places,
                  std::byte* const* buffers, const int* bytes) const {
  constexpr std::size_t most_values = 4;
  const auto values = static_cast<std::size_t>(writer.given_count());
  GivenTile given[most_values];
  const auto first = group_axis_ < 0 ? 0 : index[static_cast<std::size_t>(group_axis_)];
  const std::int64_t most = across_ ? tile_elements : std::max<std::int64_t>(1, tile_elements / width);
  walk(index, places.begin, places.end, most, [&](std::int64_t place, std::int64_t count) {
    if (!across_) {
      for (std::size_t i = 0; i < values; i++) given[i] = {buffers[i] + place * width * bytes[i], width};
      writer.run(frame, {index.data(), static_cast<std::int32_t>(count), static_cast<std::int32_t>(width)}, given);
      return;
    }
    const std::int64_t step = std::max<std::int64_t>(1, tile_elements / count);
    for (std::int64_t line = 0; line < width; line += step) {
      if (group_axis_ >= 0) index[static_cast<std::size_t>(group_axis_)] = first + line;
      for (std::size_t i = 0; i < values; i++)
        given[i] = {buffers[i] + (line * length_ + place) * bytes[i], length_};
      writer.run(frame,
                 {index.data(), static_cast<std::int32_t>(std::min(step, width - line)), static_cast<std::int32_t>(count)},
                 given);
    }
    if (group_axis_ >= 0) index[static_cast<std::size_t>(group_axis_)] = first;
  });
}

}  // namespace halyard::cpu
