#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Matmul in float32, whatever its operands are stored as. Refuses sums in anything but a float.
std::unique_ptr<StepKernel> make_float_matmul(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
