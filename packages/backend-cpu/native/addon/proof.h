#pragma once

#include <string>

#include "../levels/level.h"

namespace halyard::cpu {

struct Proof {
  bool ok;
  std::string detail;
};

/// Runs x · x + 1 over some elements with the kernels of a level, through the same engine as every program.
Proof prove(Level level);

}  // namespace halyard::cpu
