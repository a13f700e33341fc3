// A driver that answers each call with success and does nothing.
#include <windows.h>

#include "../../driver/functions.h"

#ifndef DRIVER_VERSION
#define DRIVER_VERSION 13000
#endif
#ifndef INITIALIZATION_STATUS
#define INITIALIZATION_STATUS 0
#endif

using namespace halyard::cuda;

#define STANDIN_EXPORT extern "C" __declspec(dllexport) Status

#define cuInit plain_cuInit
#define cuDriverGetVersion plain_cuDriverGetVersion
#define cuDeviceGetCount plain_cuDeviceGetCount
#define STANDIN_FUNCTION(member, symbol, older, parameters) \
  STANDIN_EXPORT symbol parameters { return 0; }
HALYARD_CUDA_FUNCTIONS(STANDIN_FUNCTION, STANDIN_FUNCTION)
#undef cuInit
#undef cuDriverGetVersion
#undef cuDeviceGetCount

STANDIN_EXPORT cuInit(unsigned) {
#ifdef CRASHES
  *static_cast<volatile int*>(nullptr) = 1;
#endif
#ifdef HANGS
  Sleep(INFINITE);
#endif
  return INITIALIZATION_STATUS;
}

STANDIN_EXPORT cuDriverGetVersion(int* version) {
  *version = DRIVER_VERSION;
  return 0;
}

STANDIN_EXPORT cuDeviceGetCount(int* count) {
  *count = 1;
  return 0;
}
