#pragma once

#include <string>

#include "../compiler/nvrtc.h"
#include "../driver/driver.h"

namespace halyard::cuda {

/// Of a small computation that was really compiled and run.
struct Proof {
  bool ok = false;
  std::string detail;
  /// A call that failed, so that nothing was computed.
  Failure failure;
};

Proof prove(const Driver& driver, DeviceNumber device, const Nvrtc& nvrtc, const std::string& architecture);

}  // namespace halyard::cuda
