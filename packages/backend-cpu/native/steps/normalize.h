#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Softmax, its logarithm, layer and RMS normalization: each line is read once, stays in cache, and goes out through the
/// epilogue.
std::unique_ptr<StepKernel> make_normalize(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
