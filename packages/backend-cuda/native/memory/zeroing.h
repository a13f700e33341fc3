#pragma once

#include "../execution/device_context.h"

namespace halyard::cuda {

/// Fills memory with zeros and waits for it.
bool zero(DeviceContext& context, DeviceAddress address, std::int64_t bytes);

}  // namespace halyard::cuda
