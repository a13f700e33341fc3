#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Writes or combines updates where indices say, in the order of the updates.
std::unique_ptr<StepKernel> make_scatter(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
