#pragma once

#include "../execution/device_context.h"

namespace halyard::cuda {

/// Fills memory with zeros and waits for it, no longer than the watchdog lets it.
bool zero(const DeviceContextPointer& context, DeviceAddress address, std::int64_t bytes);

}  // namespace halyard::cuda
