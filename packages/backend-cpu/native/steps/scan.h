#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Running sums, products and extremes along an axis.
std::unique_ptr<StepKernel> make_scan(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
