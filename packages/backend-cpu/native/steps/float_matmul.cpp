#include "float_matmul.h"

#include <array>
#include <vector>

#include "../execution/epilogue.h"
#include "../execution/operand_reader.h"
#include "kernel_choice.h"
#include "matmul_shape.h"
#include "matmul_sink.h"
#include "right_operand.h"

namespace halyard::cpu {
namespace {

std::string_view name_of(RightForm form) {
  switch (form) {
    case RightForm::packed:
      return "packed";
    case RightForm::rows:
      return "rows";
    case RightForm::transposed:
      return "transposed";
    case RightForm::read:
      return "read";
  }
  return "";
}

class FloatMatmul final : public StepKernel {
 public:
  FloatMatmul(const CompileContext& context, const Step& step, const MatmulShape& shape)
      : kernels_(matmul_kernels(context.level)),
        shape_(shape),
        choice_(choose_form(context, step, shape, kernels_)),
        left_(context, *step.inputs[0]),
        epilogue_(context, step, shape.results),
        direct_(epilogue_.ok() && epilogue_.is_direct() && shape.results == 1 &&
                (!shape.shared_right || rows_are_even(step.outputs[0]))),
        left_in_place_(left_.ok() && left_.is_direct() && (!shape.shared_right || rows_are_even(*step.inputs[0]))),
        blocking_(context.configuration),
        product_(kernels_, choice_.right, choice_.form, shape.rows(), shape.n, shape.k, shape.results, direct_,
                 blocking_) {
    for (std::size_t i = 1; i < step.inputs.size(); i++) {
      right_.push_back(std::make_unique<RightOperand>(context, *step.inputs[i], shape, kernels_, choice_.right));
    }
  }

  bool ok() const {
    bool result = left_.ok() && epilogue_.ok();
    for (const auto& right : right_) result = result && right->ok();
    return result;
  }

  int stages() const override { return left_in_place_ || is_single() ? 1 : 2; }

  std::size_t scratch_bytes(int threads) const override {
    return static_cast<std::size_t>(left_bytes() + threads * thread_bytes());
  }

  void run(const Frame& frame, int stage, int thread, int threads) const override {
    if (shape_.batch == 0 || shape_.m == 0 || shape_.n == 0) return;
    std::byte* own = scratch(frame) + left_bytes() + thread * thread_bytes();
    if (stages() == 2 && stage == 0) return read_left(frame, thread, threads);
    if (is_single() && !left_in_place_) {
      auto* row = reinterpret_cast<float*>(own + product_.thread_bytes() + buffer_bytes());
      left_.read(frame, 0, 0, 0, 1, static_cast<int>(shape_.k), row, shape_.k);
      return multiply(frame, 0, row, shape_.k, own, thread, threads);
    }
    // Many small products are shared out whole, few large ones in parts.
    const std::int64_t products = shape_.products();
    if (products >= threads && (products % threads == 0 || products >= 4 * threads)) {
      const Range own_part = split(products, thread, threads);
      for (std::int64_t batch = own_part.begin; batch < own_part.end; batch++) multiply(frame, batch, own, 0, 1);
    } else {
      for (std::int64_t batch = 0; batch < products; batch++) multiply(frame, batch, own, thread, threads);
    }
  }

  Description describe() const override {
    Description result;
    result.kernel = std::string("matmul-") + kernels_.name;
    result.configuration.set("right", std::string(name_of(choice_.right)));
    const bool in_place = choice_.right == RightForm::rows;
    if (in_place) {
      report(result.configuration, knobs::in_place_depth, blocking_.in_place_depth);
      report(result.configuration, knobs::in_place_columns, blocking_.in_place_columns);
    } else {
      if (choice_.right != RightForm::transposed) report(result.configuration, knobs::depth, blocking_.depth);
      report(result.configuration, knobs::column_group, blocking_.column_group);
    }
    report(result.configuration, knobs::row_group, blocking_.row_group);
    if (choice_.right == RightForm::read) report(result.configuration, knobs::panel_bytes, blocking_.panel_bytes);
    result.configuration.set("tileRows", static_cast<double>(kernels_.rows));
    result.configuration.set("tileColumns", static_cast<double>(kernels_.columns));
    result.reason = choice_.right == RightForm::packed ? "constant right operand, packed at load"
                    : choice_.right == RightForm::read ? "right operand brought into panels on the way"
                                                       : "few rows: right operand read in place";
    return result;
  }

 private:
  bool is_single() const { return shape_.batch * shape_.m == 1; }
  std::int64_t left_bytes() const { return stages() == 2 ? round_up(shape_.batch * shape_.m * shape_.k * 4, 64) : 0; }
  std::int64_t buffer_bytes() const { return choice_.right == RightForm::read ? right_[0]->buffer_bytes() : 0; }
  std::int64_t thread_bytes() const {
    const std::int64_t row = is_single() && !left_in_place_ ? shape_.k * 4 : 0;
    return round_up(product_.thread_bytes() + buffer_bytes() + row, 64);
  }

  void read_left(const Frame& frame, int thread, int threads) const {
    auto* to = reinterpret_cast<float*>(scratch(frame));
    const Range rows = split(shape_.batch * shape_.m, thread, threads);
    for (std::int64_t row = rows.begin; row < rows.end;) {
      const std::int64_t count = std::min(rows.end - row, shape_.m - row % shape_.m);
      left_.read(frame, row / shape_.m, row % shape_.m, 0, static_cast<int>(count), static_cast<int>(shape_.k),
                 to + row * shape_.k, shape_.k);
      row += count;
    }
  }

  void multiply(const Frame& frame, std::int64_t batch, std::byte* own, int thread, int threads) const {
    std::int64_t stride = shape_.k;
    const float* left = left_in_place_ ? left_.direct(frame, batch, 0, 0, stride)
                                       : reinterpret_cast<const float*>(scratch(frame)) + batch * shape_.m * shape_.k;
    if (left_in_place_ && shape_.shared_right && shape_.m == 1 && shape_.batch > 1) {
      std::int64_t unused;
      stride = left_.direct(frame, 1, 0, 0, unused) - left;
    }
    multiply(frame, batch, left, stride, own, thread, threads);
  }

  void multiply(const Frame& frame, std::int64_t batch, const float* left, std::int64_t stride, std::byte* own,
                int thread, int threads) const {
    std::array<RightMatrix, MatmulSink::most_results> matrices;
    for (std::size_t i = 0; i < right_.size(); i++) matrices[i] = right_[i]->matrix(frame, batch);
    auto* buffer = reinterpret_cast<float*>(own + product_.thread_bytes());
    const auto read = [&](int result, std::int64_t column, std::int64_t count, float* panels) {
      right_[static_cast<std::size_t>(result)]->read(frame, batch, column, count, buffer, panels);
    };
    product_.run(left, stride, matrices.data(), read, MatmulSink(epilogue_, frame, shape_, batch), own, thread,
                 threads);
  }

  const MatmulKernels& kernels_;
  MatmulShape shape_;
  RightChoice choice_;
  OperandReader left_;
  Epilogue epilogue_;
  bool direct_;
  bool left_in_place_;
  FloatBlocking blocking_;
  FloatProduct product_;
  std::vector<std::unique_ptr<RightOperand>> right_;
};

}  // namespace

std::unique_ptr<StepKernel> make_float_matmul(const CompileContext& context, const Step& step) {
  const MatmulShape shape = matmul_shape(step);
  if (shape.results > MatmulSink::most_results) {
    return context.refuse("a matmul of " + std::to_string(shape.results) + " right operands; at most " +
                          std::to_string(MatmulSink::most_results) + " are taken");
  }
  auto kernel = std::make_unique<FloatMatmul>(context, step, shape);
  return kernel->ok() ? std::move(kernel) : nullptr;
}

}  // namespace halyard::cpu
