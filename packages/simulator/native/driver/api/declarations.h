#pragma once

#include <cstddef>
#include <cstdint>

#include "types.h"

#ifdef _WIN32
#define HALYARD_DRIVER_EXPORT __declspec(dllexport)
#else
#define HALYARD_DRIVER_EXPORT __attribute__((visibility("default")))
#endif

extern "C" {
#define HALYARD_DRIVER_FUNCTION(name, since, parameters) \
  HALYARD_DRIVER_EXPORT CUresult name parameters;
#include "functions.def"
#undef HALYARD_DRIVER_FUNCTION
}
