#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Whether a matmul may be done by int8 products of block-quantized weights: constants, whole blocks along k, one
/// format, the same for all batches, and the step allows it.
bool is_quantized_matmul(const CompileContext& context, const Step& step);

/// The step must satisfy `is_quantized_matmul`.
std::unique_ptr<StepKernel> make_quantized_matmul(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
