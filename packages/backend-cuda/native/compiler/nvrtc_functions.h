#pragma once

#include <cstddef>

/// All functions of NVRTC that are called: FUNCTION(member, symbol, result, parameters). Numbers and pointers as in
/// NVIDIA's reference of "nvrtc.h"; checked against that header by test/headers.test.ts.
#define HALYARD_NVRTC_FUNCTIONS(FUNCTION)                                                                         \
  FUNCTION(version, nvrtcVersion, NvrtcStatus, (int*, int*))                                                      \
  FUNCTION(architecture_count, nvrtcGetNumSupportedArchs, NvrtcStatus, (int*))                                    \
  FUNCTION(architectures, nvrtcGetSupportedArchs, NvrtcStatus, (int*))                                            \
  FUNCTION(error_text, nvrtcGetErrorString, const char*, (NvrtcStatus))                                           \
  FUNCTION(create, nvrtcCreateProgram, NvrtcStatus,                                                               \
           (NvrtcProgram*, const char*, const char*, int, const char* const*, const char* const*))                \
  FUNCTION(destroy, nvrtcDestroyProgram, NvrtcStatus, (NvrtcProgram*))                                            \
  FUNCTION(compile, nvrtcCompileProgram, NvrtcStatus, (NvrtcProgram, int, const char* const*))                    \
  FUNCTION(log_bytes, nvrtcGetProgramLogSize, NvrtcStatus, (NvrtcProgram, std::size_t*))                          \
  FUNCTION(log, nvrtcGetProgramLog, NvrtcStatus, (NvrtcProgram, char*))                                           \
  FUNCTION(ptx_bytes, nvrtcGetPTXSize, NvrtcStatus, (NvrtcProgram, std::size_t*))                                 \
  FUNCTION(ptx, nvrtcGetPTX, NvrtcStatus, (NvrtcProgram, char*))

namespace halyard::cuda {

/// nvrtcResult; 0 is success.
using NvrtcStatus = int;
struct NvrtcProgramHandle;
using NvrtcProgram = NvrtcProgramHandle*;

struct NvrtcFunctions {
#define HALYARD_NVRTC_MEMBER(member, symbol, result, parameters) result(*member) parameters = nullptr;
  HALYARD_NVRTC_FUNCTIONS(HALYARD_NVRTC_MEMBER)
#undef HALYARD_NVRTC_MEMBER
};

}  // namespace halyard::cuda
