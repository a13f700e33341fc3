// Template of a kernel of the CPU backend. Goes to packages/backend-cpu/native/steps/row_sums.h.
#pragma once

#include <memory>

#include "execution/step_kernel.h"

namespace halyard::cpu {

/// A `reduce` that sums the last axis; refuses every other.
std::unique_ptr<StepKernel> make_row_sums(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
