#include "map.h"

#include <algorithm>

#include "../execution/configuration.h"
#include "../execution/domain.h"
#include "empty.h"

namespace halyard::cpu {
namespace {

class MapKernel : public StepKernel {
 public:
  MapKernel(std::unique_ptr<TileProgram> program, std::int64_t tile, bool past_caches)
      : program_(std::move(program)), tile_(tile), past_caches_(past_caches) {
    const Extents& shape = program_->shape();
    const TileAxes axes = program_->axes();
    columns_ = shape[static_cast<std::size_t>(axes.column)];
    rows_ = axes.row < 0 ? 1 : shape[static_cast<std::size_t>(axes.row)];
    tiles_across_ = (columns_ + program_->tile_columns() - 1) / program_->tile_columns();
    tiles_down_ = (rows_ + program_->tile_rows() - 1) / program_->tile_rows();
    outer_ = shape.size() < 2 ? 0 : shape.size() - 2;
    std::int64_t outer = 1;
    for (std::size_t axis = 0; axis < outer_; axis++) outer *= shape[axis];
    tiles_ = outer * tiles_across_ * tiles_down_;
  }

  void run(const Frame& frame, int, int thread, int threads) const override {
    const Range range = split(tiles_, thread, threads);
    const TileAxes axes = program_->axes();
    Index index{};
    for (std::int64_t tile = range.begin; tile < range.end; tile++) {
      const std::int64_t across = tile % tiles_across_;
      const std::int64_t down = tile / tiles_across_ % tiles_down_;
      unravel(program_->shape(), outer_, tile / tiles_across_ / tiles_down_, index);
      const std::int64_t column = across * program_->tile_columns();
      const std::int64_t row = down * program_->tile_rows();
      index[static_cast<std::size_t>(axes.column)] = column;
      if (axes.row >= 0) index[static_cast<std::size_t>(axes.row)] = row;
      const Tile part{index.data(), static_cast<std::int32_t>(std::min<std::int64_t>(program_->tile_rows(), rows_ - row)),
                      static_cast<std::int32_t>(std::min<std::int64_t>(program_->tile_columns(), columns_ - column))};
      program_->run(frame, part);
    }
  }

  Description describe() const override {
    Description description{"map", {}, "one pass over tiles of the first-level cache"};
    report(description.configuration, knobs::tile_elements, tile_);
    description.configuration.set("operations", static_cast<double>(program_->operations()));
    description.configuration.set("tileRows", static_cast<double>(program_->tile_rows()));
    description.configuration.set("tileColumns", static_cast<double>(program_->tile_columns()));
    description.configuration.set("stores", past_caches_ ? "past caches" : "cached");
    return description;
  }

 private:
  std::unique_ptr<TileProgram> program_;
  std::int64_t tile_;
  bool past_caches_;
  std::int64_t columns_;
  std::int64_t rows_;
  std::int64_t tiles_across_;
  std::int64_t tiles_down_;
  std::size_t outer_;
  std::int64_t tiles_;
};

}  // namespace

std::unique_ptr<StepKernel> make_map(const CompileContext& context, const Step& step) {
  TileSpecification specification;
  specification.domain = result_shape(step.outputs[0]);
  if (count_of(specification.domain) == 0) return std::make_unique<EmptyKernel>();
  for (const auto& input : step.inputs) specification.operands.push_back(&*input);
  specification.expression = &*step.epilogue;
  specification.targets = targets_of(step);
  specification.collapse = true;
  const std::int64_t tile = configured(context.configuration, knobs::tile_elements);
  specification.tile_elements = static_cast<std::int32_t>(tile);
  std::unique_ptr<TileProgram> program = TileProgram::compile(context, specification);
  if (!program) return nullptr;
  // Below the caches' size a store past them sends to memory what the next step would find near.
  const std::int64_t bytes = count_of(specification.domain) * 4 * static_cast<std::int64_t>(step.outputs.size());
  const std::int64_t cache = context.processor.l2_bytes * context.threads + context.processor.l3_bytes / 2;
  const bool past_caches = bytes > cache;
  program->store_past_caches(past_caches);
  return std::make_unique<MapKernel>(std::move(program), tile, past_caches);
}

}  // namespace halyard::cpu
