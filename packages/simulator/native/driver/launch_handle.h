#pragma once

#include "call.h"

namespace halyard::simulator {

/// What a handle of a function means: a function, or a kernel of a library in the current context.
std::shared_ptr<Function> function_of(Call& call, CUfunction handle);

/// The cluster of a launch: as asked for, else as the kernel requires.
Dimensions cluster_of(const Function& function, const Dimensions& asked);

}  // namespace halyard::simulator
