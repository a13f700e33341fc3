#pragma once

#include "processor.h"

namespace halyard::cpu {

/// Fills in what the system tells, all but the level: posix/ and windows/. What it does not tell stays.
void describe_system(Processor& processor);

}  // namespace halyard::cpu
