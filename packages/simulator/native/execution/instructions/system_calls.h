#pragma once

#include <string_view>

#include "../warp.h"

namespace halyard::simulator {

/// Functions that the driver supplies: `vprintf`, `__assertfail`; null for others.
Handler find_system_call(std::string_view name);

}  // namespace halyard::simulator
