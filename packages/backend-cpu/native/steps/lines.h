#pragma once

#include <memory>
#include <vector>

#include "../execution/domain.h"
#include "../kernels/rows.h"

namespace halyard::cpu {

const RowKernels& row_kernels_of(Level level);

/// The type of an operand's elements as they are read: what its prologue gives, else what is stored.
Type element_type(const Program& program, const Operand& operand);

/// A shape as lines along some axes, taken in groups of neighbouring lines, so that memory is read in its own order
/// whichever axes the lines run along.
///
/// Lines run across where the elements that lie side by side belong to one line; a group's tiles are then [line][place].
/// Otherwise tiles are [place][line]. A group extends along `group_axis`.
class Lines {
 public:
  /// `view`: the operand whose memory order counts. `most`: lines of a group, at most.
  Lines(const View& view, const std::vector<std::int64_t>& axes, std::int64_t most);

  const Extents& shape() const { return shape_; }
  bool across() const { return across_; }
  /// Elements of a line.
  std::int64_t length() const { return length_; }
  std::int64_t groups() const { return groups_; }
  std::int64_t group_width() const { return group_width_; }
  /// Axes of tiles that hold part of a group.
  TileAxes axes() const;
  /// Axes of tiles that hold one element of each line: columns along the group.
  TileAxes group_axes() const { return {-1, group_axis_}; }
  bool empty() const { return count_of(shape_) == 0; }

  /// Sets the index to the first line of a group, at place 0, and answers how many lines it has.
  std::int64_t begin(std::int64_t group, Index& index) const;
  /// The part of a line that lies along its innermost axis: calls `visit(first place, count)` with the index set, for
  /// places [from, to), at most `most` at a time.
  template <typename Visit>
  void walk(Index& index, std::int64_t from, std::int64_t to, std::int64_t most, Visit visit) const {
    if (line_axes_.empty()) {
      if (from < to) visit(std::int64_t{0}, std::int64_t{1});
      return;
    }
    if (from >= to) return;
    const auto innermost = static_cast<std::size_t>(line_axes_.back());
    const std::int64_t run = shape_[innermost];
    for (std::int64_t place = from; place < to;) {
      set_place(index, place);
      std::int64_t count = run - place % run;
      if (count > to - place) count = to - place;
      if (count > most) count = most;
      visit(place, count);
      place += count;
    }
    set_place(index, 0);
  }

  /// Reads some places of the group's lines to `buffer`: line g, place p at g · length + p if across, else at
  /// p · width + g. Elements are of `bytes`.
  void read(const TileProgram& reader, const Frame& frame, Index& index, std::int64_t width, Range places,
            std::byte* buffer, int bytes) const;
  /// The other way, through a program that stores `given` tiles. One buffer for each of its values.
  void write(const TileProgram& writer, const Frame& frame, Index& index, std::int64_t width, Range places,
             std::byte* const* buffers, const int* bytes) const;

 private:
  void set_place(Index& index, std::int64_t place) const;

  Extents shape_;
  std::vector<int> kept_axes_;
  std::vector<int> line_axes_;
  int group_axis_ = -1;
  bool across_ = true;
  std::int64_t length_ = 1;
  std::int64_t groups_ = 1;
  std::int64_t group_width_ = 1;
  std::int64_t groups_along_ = 1;
};

}  // namespace halyard::cpu
