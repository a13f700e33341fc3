#pragma once

#include "step_kernel.h"

namespace halyard::cpu {

/// The factory of a kind of step; null for kinds that are not done here.
Factory factory_of(StepKind kind);

}  // namespace halyard::cpu
