// Template of a kernel of the CPU backend. Goes to packages/backend-cpu/native/steps/row_sums.cpp.
#include "row_sums.h"

#include <algorithm>

#include "execution/epilogue.h"
#include "execution/operand_reader.h"

namespace halyard::cpu {
namespace {

constexpr int tile = 256;  // floats that are read at a time: a kilobyte, well within the first-level cache

/// Reader and epilogue know all about data types, strides, prologues, epilogues and rows; what is left is the sum.
class RowSums final : public StepKernel {
 public:
  RowSums(const CompileContext& context, const Step& step)
      : reader_(context, *step.inputs[0]),
        epilogue_(context, step, 1),
        columns_(step.inputs[0]->shape.back()),
        rows_(step.inputs[0]->rank() > 1 ? step.inputs[0]->shape[step.inputs[0]->shape.size() - 2] : 1),
        total_(step.outputs[0].elements()) {}

  bool ok() const { return reader_.ok() && epilogue_.ok(); }

  void run(const Frame& frame, int, int thread, int threads) const override {
    // The split is static: the same thread does the same rows in every run, so that results never vary.
    const Range range = split(total_, thread, threads);
    for (std::int64_t index = range.begin; index < range.end; ++index) {
      const std::int64_t batch = index / rows_;
      const std::int64_t row = index % rows_;
      const float sum = sum_of_row(frame, batch, row);
      const float* results[] = {&sum};
      epilogue_.store(frame, batch, row, 0, 1, 1, results, 1);
    }
  }

  Description describe() const override { return {"row-sums", {}, "sums along the innermost axis, a row at a time"}; }

 private:
  float sum_of_row(const Frame& frame, std::int64_t batch, std::int64_t row) const {
    float values[tile];
    double sum = 0;  // wider than the elements: a long row loses nothing
    for (std::int64_t column = 0; column < columns_; column += tile) {
      const int width = static_cast<int>(std::min<std::int64_t>(tile, columns_ - column));
      reader_.read(frame, batch, row, column, 1, width, values, tile);
      for (int i = 0; i < width; ++i) sum += values[i];
    }
    return static_cast<float>(sum);
  }

  OperandReader reader_;
  Epilogue epilogue_;
  std::int64_t columns_;
  std::int64_t rows_;
  std::int64_t total_;
};

}  // namespace

std::unique_ptr<StepKernel> make_row_sums(const CompileContext& context, const Step& step) {
  const auto& x = step.inputs[0];
  const auto axes = step.attributes.integers("axes");
  if (step.attributes.text("combine") != "sum") return context.refuse("row sums do sums alone");
  if (axes.size() != 1 || axes[0] != x->rank() - 1) return context.refuse("row sums do the last axis alone");
  auto kernel = std::make_unique<RowSums>(context, step);
  return kernel->ok() ? std::move(kernel) : nullptr;
}

}  // namespace halyard::cpu
