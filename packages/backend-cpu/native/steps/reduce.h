#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// One value of each line: sums, products, extremes, the place of an extreme, log Σ exp.
std::unique_ptr<StepKernel> make_reduce(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
