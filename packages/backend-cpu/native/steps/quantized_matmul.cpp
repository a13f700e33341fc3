#include "quantized_matmul.h"

#include <array>

#include "../execution/epilogue.h"
#include "../execution/operand_reader.h"
#include "kernel_choice.h"
#include "matmul_layouts.h"
#include "matmul_shape.h"
#include "matmul_sink.h"
#include "quantized_product.h"

namespace halyard::cpu {
namespace {

class QuantizedMatmul final : public StepKernel {
 public:
  QuantizedMatmul(const CompileContext& context, const Step& step, const MatmulShape& shape)
      : kernels_(quantized_matmul_kernels(context.level, shape.rows())),
        type_(context.program.type_of(*step.inputs[1])),
        shape_(shape),
        left_(context, *step.inputs[0]),
        epilogue_(context, step, shape.results),
        blocking_(context.configuration),
        product_(kernels_, *block_format(type_), shape.rows(), shape.n, shape.k, shape.results, blocking_) {
    for (int i = 0; i < shape.results; i++) {
      const View& right = *step.inputs[static_cast<std::size_t>(i) + 1];
      const Tensor& tensor = context.program.tensor_of(right);
      const int rank = right.rank();
      MatrixSource source{tensor.type, tensor.offset, right.offset, shape.n, shape.k, right.strides[rank - 1], 1, 1, 0};
      packed_[static_cast<std::size_t>(i)] =
          context.packed.request({tensor.binding}, block_layout(source, kernels_.rows),
                                 static_cast<std::size_t>(block_layout_bytes(source, kernels_.rows)));
    }
  }

  bool ok() const { return left_.ok() && epilogue_.ok(); }
  int stages() const override { return product_.stages(); }
  std::size_t scratch_bytes(int threads) const override { return product_.scratch_bytes(threads); }

  void run(const Frame& frame, int stage, int thread, int threads) const override {
    std::array<const std::byte*, MatmulSink::most_results> weights;
    for (int i = 0; i < shape_.results; i++) {
      weights[static_cast<std::size_t>(i)] = frame.packed[packed_[static_cast<std::size_t>(i)]];
    }
    const auto row = [&](std::int64_t index, float* buffer) -> const float* {
      const std::int64_t batch = index / shape_.m;
      if (left_.is_direct()) {
        std::int64_t stride;
        return left_.direct(frame, batch, index % shape_.m, 0, stride);
      }
      left_.read(frame, batch, index % shape_.m, 0, 1, static_cast<int>(shape_.k), buffer, shape_.k);
      return buffer;
    };
    product_.run(row, weights.data(), MatmulSink(epilogue_, frame, shape_, 0), scratch(frame), stage, thread, threads);
  }

  Description describe() const override {
    Description result;
    result.kernel = std::string("quantized-matmul-") + kernels_.name;
    result.configuration.set("form", product_.is_vector() ? std::string("vector") : std::string("tiles"));
    if (product_.is_vector()) {
      report(result.configuration, knobs::vector_columns, blocking_.vector_columns);
    } else {
      report(result.configuration, knobs::expanded_bytes, blocking_.expanded_bytes);
      report(result.configuration, knobs::activation_bytes, blocking_.activation_bytes);
    }
    result.configuration.set("panelRows", static_cast<double>(kernels_.rows));
    result.reason = std::string(name_of(type_)) + " weights in panels, int8 products" +
                    (product_.is_vector() ? ", one row reads them at the speed of memory" : "");
    return result;
  }

 private:
  const QuantizedMatmulKernels& kernels_;
  Type type_;
  MatmulShape shape_;
  OperandReader left_;
  Epilogue epilogue_;
  QuantizedBlocking blocking_;
  QuantizedProduct product_;
  std::array<int, MatmulSink::most_results> packed_{};
};

}  // namespace

bool is_quantized_matmul(const CompileContext& context, const Step& step) {
  if (step.attributes.text("multiply") != "int8") return false;
  const MatmulShape shape = matmul_shape(step);
  const Type type = context.program.type_of(*step.inputs[1]);
  if (!is_block(type) || !shape.shared_right || shape.results > MatmulSink::most_results) return false;
  const std::int64_t elements = layout_of(type).elements;
  for (std::size_t i = 1; i < step.inputs.size(); i++) {
    const Operand& right = *step.inputs[i];
    const Tensor& tensor = context.program.tensor_of(right);
    const int rank = right.rank();
    const bool constant = tensor.binding >= 0 &&
                          context.program.bindings[static_cast<std::size_t>(tensor.binding)].role == Role::constant;
    const bool rows = (shape.k <= 1 || right.strides[rank - 2] == 1) && right.strides[rank - 1] > 0 &&
                      right.strides[rank - 1] % elements == 0 && right.offset % elements == 0 &&
                      shape.k % elements == 0;
    if (tensor.type != type || !constant || !rows || right.prologue || right.quantization) return false;
    // Each row of the tensor takes whole blocks, so that elements count on evenly only in whole blocks.
    if (tensor.shape.empty() || tensor.shape.back() % elements != 0) return false;
  }
  return true;
}

std::unique_ptr<StepKernel> make_quantized_matmul(const CompileContext& context, const Step& step) {
  auto kernel = std::make_unique<QuantizedMatmul>(context, step, matmul_shape(step));
  return kernel->ok() ? std::move(kernel) : nullptr;
}

}  // namespace halyard::cpu
