#pragma once

#include <cstddef>
#include <cstdint>

#include "types.h"

extern "C" {
#define HALYARD_DRIVER_FUNCTION(name, since, parameters) \
  __attribute__((visibility("default"))) CUresult name parameters;
#include "functions.def"
#undef HALYARD_DRIVER_FUNCTION
}
