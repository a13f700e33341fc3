#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// An expression over tiles.
std::unique_ptr<StepKernel> make_map(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
