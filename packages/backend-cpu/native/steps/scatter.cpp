#include "scatter.h"

#include <algorithm>

#include "addressing.h"
#include "empty.h"
#include "lines.h"

namespace halyard::cpu {
namespace {

class ScatterKernel : public StepKernel {
 public:
  static std::unique_ptr<StepKernel> make(const CompileContext& context, const Step& step) {
    const Target& target = step.outputs[0];
    if (step.epilogue) return context.refuse("scatter stores what it combines as it is");
    if (target.rows) return context.refuse("scatter into rows named at run time is not done");
    auto kernel = std::make_unique<ScatterKernel>();
    kernel->addressing_ = Addressing::make(context, step, target.shape, *step.inputs[0]);
    if (!kernel->addressing_) return nullptr;
    kernel->program_ = &context.program;
    kernel->kernels_ = &expression_kernels_of(context.level);
    kernel->clamp_ = step.attributes.text("outOfRange") == "clamp";
    Access& access = kernel->target_;
    access.tensor = target.tensor;
    access.type = context.program.type_of(target);
    access.offset = target.offset;
    access.strides = target.strides;
    if (!kernel->choose_operation(context, step.attributes.text("combine"))) return nullptr;
    const Operand& updates = *step.inputs[1];
    TileSpecification reading;
    reading.domain = updates.shape;
    reading.axes = {-1, updates.rank() - 1};
    reading.operands = {&updates};
    reading.result_type = access.type;
    kernel->reader_ = TileProgram::compile(context, reading);
    if (!kernel->reader_) return nullptr;
    return kernel;
  }

  /// Runs are shared out by columns, so that updates of one element stay in order; single elements are one thread's.
  void run(const Frame& frame, int, int thread, int threads) const override {
    const Extents& shape = addressing_->gathered();
    const std::size_t last = shape.empty() ? 0 : shape.size() - 1;
    const std::int64_t columns = shape.empty() ? 1 : shape.back();
    const std::int64_t outer = count_of(shape) / columns;
    if (!addressing_->runs() && thread > 0) return;
    const Range range = addressing_->runs() ? split(columns, thread, threads, 16) : Range{0, columns};
    const int bytes = lane_bytes(lane_of(target_.type));
    alignas(64) std::byte updates[tile_elements * 8];
    Index at{};
    Index place{};
    for (std::int64_t item = 0; item < outer; item++) {
      unravel(shape, last, item, at);
      for (std::int64_t first = range.begin; first < range.end; first += tile_elements) {
        const std::int64_t count = std::min<std::int64_t>(tile_elements, range.end - first);
        if (!shape.empty()) at[last] = first;
        const TakenTile taken{updates, count};
        reader_->run(frame, {at.data(), 1, static_cast<std::int32_t>(count)}, nullptr, &taken);
        if (addressing_->runs()) {
          if (addressing_->locate(frame, at, clamp_, place)) apply(frame, place, count, updates);
          continue;
        }
        for (std::int64_t i = 0; i < count; i++) {
          if (!shape.empty()) at[last] = first + i;
          if (addressing_->locate(frame, at, clamp_, place)) apply(frame, place, 1, updates + i * bytes);
        }
      }
    }
  }

  Description describe() const override {
    return {"scatter", {}, addressing_->runs() ? "an index names a run of elements" : "each element has its own index"};
  }

 private:
  bool choose_operation(const CompileContext& context, const std::string& combine) {
    if (combine == "replace") return true;
    const ScalarOperator op = combine == "add"   ? ScalarOperator::add
                              : combine == "mul" ? ScalarOperator::mul
                              : combine == "min" ? ScalarOperator::min
                                                 : ScalarOperator::max;
    operation_ = kernels_->find(op, target_.type, target_.type, no_splat);
    if (operation_ == nullptr) context.refuse("combining " + std::string(name_of(target_.type)) + " is not done");
    return operation_ != nullptr;
  }

  void apply(const Frame& frame, const Index& place, std::int64_t count, const std::byte* updates) const {
    const Tile tile{place.data(), 1, static_cast<std::int32_t>(count)};
    const TileAxes axes{-1, static_cast<int>(target_.strides.size()) - 1};
    if (operation_ == nullptr) {
      store_tile(*kernels_, *program_, frame, target_, axes, tile, updates, false);
      return;
    }
    alignas(64) std::byte present[tile_elements * 8];
    alignas(64) std::byte padded[tile_elements * 8];
    const auto bytes = static_cast<std::size_t>(lane_bytes(lane_of(target_.type)));
    std::copy_n(updates, static_cast<std::size_t>(count) * bytes, padded);
    load_tile(*kernels_, *program_, frame, target_, axes, tile, present);
    operation_(present, present, padded, nullptr, static_cast<std::int32_t>(count));
    store_tile(*kernels_, *program_, frame, target_, axes, tile, present, false);
  }

  std::unique_ptr<Addressing> addressing_;
  const Program* program_ = nullptr;
  const ExpressionKernels* kernels_ = nullptr;
  Access target_;
  TileFunction operation_ = nullptr;
  bool clamp_ = false;
  std::unique_ptr<TileProgram> reader_;
};

}  // namespace

std::unique_ptr<StepKernel> make_scatter(const CompileContext& context, const Step& step) {
  if (count_of(step.inputs[1]->shape) == 0) return std::make_unique<EmptyKernel>();
  return ScatterKernel::make(context, step);
}

}  // namespace halyard::cpu
