#pragma once

#include "call.h"

namespace halyard::simulator {

/// What a handle of a function means: a function, or a kernel of a library in the current context.
std::shared_ptr<Function> function_of(Call& call, CUfunction handle);

}  // namespace halyard::simulator
