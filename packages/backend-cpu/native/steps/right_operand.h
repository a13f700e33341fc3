#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "../execution/operand_reader.h"
#include "float_product.h"
#include "matmul_shape.h"

namespace halyard::cpu {

/// One right operand of a float32 matmul: packed at load if it is a constant, else read in place or brought into
/// panels.
class RightOperand {
 public:
  /// `form` says what the product wants; see `choose_form`.
  RightOperand(const CompileContext& context, const Operand& operand, const MatmulShape& shape,
               const MatmulKernels& kernels, RightForm form);

  bool ok() const { return !reader_ || reader_->ok(); }

  RightMatrix matrix(const Frame& frame, std::int64_t batch) const;
  /// Panels [k][columns] of `count` columns from `column` on.
  void read(const Frame& frame, std::int64_t batch, std::int64_t column, std::int64_t count, float* buffer,
            float* panels) const;
  /// Bytes of `buffer`.
  std::int64_t buffer_bytes() const;

 private:
  void read_panel(const Frame& frame, std::int64_t batch, std::int64_t column, int count, float* buffer,
                  float* panel) const;
  const std::byte* element(const Frame& frame, std::int64_t index) const;

  const Tensor* tensor_;
  View view_;
  MatmulShape shape_;
  const MatmulKernels& kernels_;
  RightForm form_;
  std::unique_ptr<OperandReader> reader_;
  int packed_ = -1;
  std::int64_t apart_ = 0;
};

/// How all right operands of a step can be reached, and in which form their elements are then.
struct RightChoice {
  RightForm right;
  FloatForm form;
};
RightChoice choose_form(const CompileContext& context, const Step& step, const MatmulShape& shape,
                        const MatmulKernels& kernels);

}  // namespace halyard::cpu
