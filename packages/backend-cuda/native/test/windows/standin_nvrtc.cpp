// A compiler that knows sm_80 and makes the same of every source. Like NVIDIA's it looks for its built-in functions by
// their bare name, when it first compiles.
#include <windows.h>

#include <cstring>

#include "../../compiler/nvrtc_functions.h"

#ifndef NVRTC_MAJOR
#define NVRTC_MAJOR 13
#define NVRTC_MINOR 0
#endif

using namespace halyard::cuda;

#define STANDIN_EXPORT extern "C" __declspec(dllexport)

STANDIN_EXPORT NvrtcStatus nvrtcVersion(int* major, int* minor) {
  *major = NVRTC_MAJOR;
  *minor = NVRTC_MINOR;
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetNumSupportedArchs(int* count) {
  *count = 1;
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetSupportedArchs(int* architectures) {
  architectures[0] = 80;
  return 0;
}

STANDIN_EXPORT const char* nvrtcGetErrorString(NvrtcStatus) { return "no built-in functions"; }

STANDIN_EXPORT NvrtcStatus nvrtcCreateProgram(NvrtcProgram*, const char*, const char*, int, const char* const*,
                                              const char* const*) {
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcDestroyProgram(NvrtcProgram*) { return 0; }

STANDIN_EXPORT NvrtcStatus nvrtcCompileProgram(NvrtcProgram, int, const char* const*) {
  // NVRTC_ERROR_BUILTIN_OPERATION_FAILURE
  return LoadLibraryA("nvrtc-builtins64_130.dll") != nullptr ? 0 : 7;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetProgramLogSize(NvrtcProgram, std::size_t* bytes) {
  *bytes = 1;
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetProgramLog(NvrtcProgram, char* log) {
  log[0] = '\0';
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetPTXSize(NvrtcProgram, std::size_t* bytes) {
  *bytes = sizeof("PTX");
  return 0;
}

STANDIN_EXPORT NvrtcStatus nvrtcGetPTX(NvrtcProgram, char* ptx) {
  std::memcpy(ptx, "PTX", sizeof("PTX"));
  return 0;
}
