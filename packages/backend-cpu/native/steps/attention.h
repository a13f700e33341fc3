#pragma once

#include <memory>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// Flash-style attention: blocks of keys pass by, sums and outputs are rescaled when a greater score is seen, and no
/// score matrix is kept. The query heads that share a key head are the rows of one small product, so that keys and
/// values are read once for all of them.
std::unique_ptr<StepKernel> make_attention(const CompileContext& context, const Step& step);

}  // namespace halyard::cpu
