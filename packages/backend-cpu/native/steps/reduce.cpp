#include "reduce.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../execution/configuration.h"
#include "empty.h"
#include "held_value.h"
#include "lines.h"
#include "reduce_line.h"

namespace halyard::cpu {
namespace {

class ReduceKernel : public StepKernel {
 public:
  ReduceKernel(Lines lines, LineReduction reduction, int parts, std::int64_t split_elements)
      : lines_(std::move(lines)), reduction_(reduction), parts_(parts), split_elements_(split_elements) {}

  bool prepare(const CompileContext& context, const Step& step) {
    TileSpecification reading;
    reading.domain = lines_.shape();
    reading.axes = lines_.axes();
    reading.operands = {&*step.inputs[0]};
    reading.result_type = reduction_.type();
    TileSpecification writing;
    writing.domain = result_shape(step.outputs[0]);
    writing.axes = lines_.group_axes();
    writing.given = {reduction_.result_type()};
    writing.expression = step.epilogue ? &*step.epilogue : nullptr;
    writing.targets = targets_of(step);
    writer_ = TileProgram::compile(context, writing);
    if (!writer_) return false;
    // Over nothing there is nothing to read.
    if (lines_.length() == 0) return true;
    reader_ = TileProgram::compile(context, reading);
    return reader_ != nullptr;
  }

  int stages() const override { return parts_ > 1 ? 2 : 1; }

  void run(const Frame& frame, int stage, int thread, int threads) const override {
    if (stage == 0 && parts_ > 1) {
      reduce_parts(frame, thread, threads);
      return;
    }
    std::byte* own = scratch(frame) + static_cast<std::size_t>(thread) * thread_bytes();
    auto* states = reinterpret_cast<LineState*>(own);
    auto* tile = own + state_bytes();
    const Range range = split(lines_.groups(), thread, threads);
    Index index;
    for (std::int64_t group = range.begin; group < range.end; group++) {
      const std::int64_t width = lines_.begin(group, index);
      if (parts_ > 1)
        join_parts(frame, group, width, states);
      else
        reduce_group(frame, index, width, 0, lines_.length(), states, tile);
      reduction_.finish(states, width, tile);
      const GivenTile given{tile, width};
      writer_->run(frame, {index.data(), 1, static_cast<std::int32_t>(width)}, &given);
    }
  }

  std::size_t scratch_bytes(int threads) const override {
    const std::size_t own = thread_bytes() * static_cast<std::size_t>(threads);
    return own + (parts_ > 1 ? state_bytes() * static_cast<std::size_t>(lines_.groups() * parts_) : 0);
  }

  Description describe() const override {
    Description description{"reduce", {}, lines_.across() ? "lines lie in memory" : "neighbours belong to other lines"};
    report(description.configuration, knobs::split_elements, split_elements_);
    description.configuration.set("lines", lines_.across() ? std::string("rows") : std::string("columns"));
    description.configuration.set("together", static_cast<double>(lines_.group_width()));
    description.configuration.set("parts", static_cast<double>(parts_));
    return description;
  }

 private:
  std::size_t state_bytes() const {
    return (static_cast<std::size_t>(lines_.group_width()) * sizeof(LineState) + 63) / 64 * 64;
  }
  std::size_t thread_bytes() const { return state_bytes() + tile_elements * 8 + 256; }

  LineState* part_states(const Frame& frame, std::int64_t group, int part) const {
    // Behind the threads' own, which are there for as many as the pool has.
    std::byte* first = scratch(frame) + thread_bytes() * static_cast<std::size_t>(parts_);
    return reinterpret_cast<LineState*>(first + state_bytes() * static_cast<std::size_t>(group * parts_ + part));
  }

  void reduce_parts(const Frame& frame, int thread, int threads) const {
    std::byte* own = scratch(frame) + static_cast<std::size_t>(thread) * thread_bytes();
    const Range range = split(lines_.groups() * parts_, thread, threads);
    Index index;
    for (std::int64_t item = range.begin; item < range.end; item++) {
      const std::int64_t group = item / parts_;
      const int part = static_cast<int>(item % parts_);
      const std::int64_t width = lines_.begin(group, index);
      const Range places = split(lines_.length(), part, parts_, tile_elements);
      reduce_group(frame, index, width, places.begin, places.end, part_states(frame, group, part),
                   own + state_bytes());
    }
  }

  void join_parts(const Frame& frame, std::int64_t group, std::int64_t width, LineState* states) const {
    std::memcpy(states, part_states(frame, group, 0), static_cast<std::size_t>(width) * sizeof(LineState));
    for (int part = 1; part < parts_; part++) reduction_.join(states, part_states(frame, group, part), width);
  }

  void reduce_group(const Frame& frame, Index& index, std::int64_t width, std::int64_t from, std::int64_t to,
                    LineState* states, std::byte* tile) const {
    reduction_.begin(states, width);
    const TileAxes axes = lines_.axes();
    const int group_axis = lines_.across() ? axes.row : axes.column;
    const std::int64_t first = group_axis < 0 ? 0 : index[static_cast<std::size_t>(group_axis)];
    const std::int64_t most = lines_.across() ? tile_elements : std::max<std::int64_t>(1, tile_elements / width);
    lines_.walk(index, from, to, most, [&](std::int64_t place, std::int64_t count) {
      const std::int64_t together = lines_.across() ? std::max<std::int64_t>(1, tile_elements / count) : width;
      for (std::int64_t line = 0; line < width; line += together) {
        const std::int64_t some = std::min(together, width - line);
        if (group_axis >= 0) index[static_cast<std::size_t>(group_axis)] = first + line;
        const auto rows = static_cast<std::int32_t>(lines_.across() ? some : count);
        const auto columns = static_cast<std::int32_t>(lines_.across() ? count : some);
        const TakenTile taken{tile, columns};
        reader_->run(frame, {index.data(), rows, columns}, nullptr, &taken);
        if (lines_.across())
          reduction_.take_rows(states + line, tile, some, count, place);
        else
          reduction_.take_columns(states + line, tile, some, count, place);
      }
      if (group_axis >= 0) index[static_cast<std::size_t>(group_axis)] = first;
    });
  }

  Lines lines_;
  LineReduction reduction_;
  int parts_;
  std::int64_t split_elements_;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
};

}  // namespace

std::unique_ptr<StepKernel> make_reduce(const CompileContext& context, const Step& step) {
  const Operand& x = *step.inputs[0];
  if (count_of(result_shape(step.outputs[0])) == 0) return std::make_unique<EmptyKernel>();
  const auto reduction = LineReduction::make(context, step, element_type(context.program, x));
  if (!reduction) return nullptr;
  Lines lines(x, step.attributes.integers("axes"), 128);
  const std::int64_t worth = configured(context.configuration, knobs::split_elements);
  const bool few = lines.groups() < context.threads && lines.length() * lines.group_width() >= worth;
  auto kernel = std::make_unique<ReduceKernel>(std::move(lines), *reduction, few ? context.threads : 1, worth);
  if (!kernel->prepare(context, step)) return nullptr;
  return kernel;
}

}  // namespace halyard::cpu
