#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Elements, rows or slices that indices name, prologue and epilogue applied; block-quantized rows are dequantized.
std::unique_ptr<StepKernel> make_gather(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
