#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// The first of an axis in order, with their places: a whole sort, or a selection where few are wanted.
std::unique_ptr<StepKernel> make_sort(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
