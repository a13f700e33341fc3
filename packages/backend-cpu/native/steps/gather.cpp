#include "gather.h"

#include <algorithm>
#include <cstring>

#include "addressing.h"
#include "empty.h"
#include "lines.h"

namespace halyard::cpu {
namespace {

class GatherKernel : public StepKernel {
 public:
  static std::unique_ptr<StepKernel> make(const CompileContext& context, const Step& step) {
    const Operand& from = *step.inputs[0];
    auto kernel = std::make_unique<GatherKernel>();
    kernel->addressing_ = Addressing::make(context, step, from.shape, *step.inputs[1]);
    if (!kernel->addressing_) return nullptr;
    kernel->type_ = element_type(context.program, from);
    TileSpecification reading;
    reading.domain = from.shape;
    if (kernel->addressing_->runs()) reading.axes = {-1, from.rank() - 1};
    const Type stored = context.program.type_of(from);
    kernel->plain_ = !from.prologue && !from.quantization && !is_block(stored);
    kernel->access_.tensor = from.tensor;
    kernel->access_.type = stored;
    kernel->access_.offset = from.offset;
    kernel->access_.strides = from.strides;
    kernel->program_ = &context.program;
    kernel->load_ = expression_kernels_of(context.level).load[static_cast<int>(stored)];
    reading.operands = {&from};
    reading.result_type = kernel->type_;
    kernel->reader_ = TileProgram::compile(context, reading);
    TileSpecification writing;
    writing.domain = kernel->addressing_->gathered();
    writing.axes = {-1, static_cast<int>(writing.domain.size()) - 1};
    writing.given = {kernel->type_};
    writing.expression = step.epilogue ? &*step.epilogue : nullptr;
    writing.targets = targets_of(step);
    if (kernel->reader_) kernel->writer_ = TileProgram::compile(context, writing);
    if (!kernel->writer_) return nullptr;
    kernel->prepare();
    return kernel;
  }

  void run(const Frame& frame, int, int thread, int threads) const override {
    const Range range = split(outer_ * pieces_, thread, threads);
    const Extents& shape = addressing_->gathered();
    const std::size_t last = shape.empty() ? 0 : shape.size() - 1;
    const int bytes = lane_bytes(lane_of(type_));
    alignas(64) std::byte tile[tile_elements * 8];
    Index at{};
    Index place{};
    for (std::int64_t item = range.begin; item < range.end; item++) {
      unravel(shape, last, item / pieces_, at);
      const std::int64_t first = item % pieces_ * piece_;
      const std::int64_t count = std::min(piece_, columns_ - first);
      if (!shape.empty()) at[last] = first;
      if (addressing_->runs()) {
        addressing_->locate(frame, at, true, place);
        const TakenTile taken{tile, count};
        reader_->run(frame, {place.data(), 1, static_cast<std::int32_t>(count)}, nullptr, &taken);
      } else if (plain_) {
        read_elements(frame, at, first, count, tile);
      } else {
        for (std::int64_t i = 0; i < count; i++) {
          if (!shape.empty()) at[last] = first + i;
          addressing_->locate(frame, at, true, place);
          const TakenTile taken{tile + i * bytes, 1};
          reader_->run(frame, {place.data(), 1, 1}, nullptr, &taken);
        }
        if (!shape.empty()) at[last] = first;
      }
      const GivenTile given{tile, count};
      writer_->run(frame, {at.data(), 1, static_cast<std::int32_t>(count)}, &given);
    }
  }

  Description describe() const override {
    return {"gather", {}, addressing_->runs() ? "an index names a run of elements" : "each element has its own index"};
  }

 private:
  /// Brings single elements together as they are stored, then reads them as a run.
  void read_elements(const Frame& frame, Index& at, std::int64_t first, std::int64_t count, std::byte* tile) const {
    alignas(64) std::byte stored[tile_elements * 8];
    const auto bytes = static_cast<std::size_t>(layout_of(access_.type).bytes);
    const std::byte* base = address(frame, program_->tensors[static_cast<std::size_t>(access_.tensor)]);
    const std::size_t rank = addressing_->gathered().size();
    Index place{};
    for (std::int64_t i = 0; i < count; i++) {
      if (rank > 0) at[rank - 1] = first + i;
      addressing_->locate(frame, at, true, place);
      const std::byte* element = base + element_of(access_, place.data()) * static_cast<std::int64_t>(bytes);
      std::memcpy(stored + static_cast<std::size_t>(i) * bytes, element, bytes);
    }
    if (rank > 0) at[rank - 1] = first;
    load_(tile, stored, static_cast<std::int32_t>(count));
  }

  void prepare() {
    const Extents& shape = addressing_->gathered();
    columns_ = shape.empty() ? 1 : shape.back();
    outer_ = count_of(shape) / columns_;
    pieces_ = (columns_ + tile_elements - 1) / tile_elements;
    piece_ = std::min<std::int64_t>((((columns_ + pieces_ - 1) / pieces_) + 15) / 16 * 16, tile_elements);
  }

  std::unique_ptr<Addressing> addressing_;
  Type type_ = Type::float32;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
  /// Elements are read as they are stored: no prologue, no blocks.
  bool plain_ = false;
  Access access_;
  const Program* program_ = nullptr;
  LoadFunction load_ = nullptr;
  std::int64_t columns_ = 1;
  std::int64_t outer_ = 1;
  std::int64_t pieces_ = 1;
  std::int64_t piece_ = 1;
};

}  // namespace

std::unique_ptr<StepKernel> make_gather(const CompileContext& context, const Step& step) {
  if (count_of(result_shape(step.outputs[0])) == 0) return std::make_unique<EmptyKernel>();
  return GatherKernel::make(context, step);
}

}  // namespace halyard::cpu
