#pragma once

#include <string>
#include <string_view>

#include "halyard/error.h"
#include "types.h"

namespace halyard::cuda {

/// CUresult, as far as something depends on it. Source: CUDA Driver API reference, "Data types used by CUDA driver".
namespace status {
inline constexpr Status success = 0;
inline constexpr Status out_of_memory = 2;
inline constexpr Status not_initialized = 3;
inline constexpr Status deinitialized = 4;
inline constexpr Status stub_library = 34;
inline constexpr Status device_unavailable = 46;
inline constexpr Status no_device = 100;
inline constexpr Status no_binary_for_gpu = 209;
inline constexpr Status ecc_uncorrectable = 214;
inline constexpr Status invalid_ptx = 218;
inline constexpr Status nvlink_uncorrectable = 220;
inline constexpr Status jit_compiler_not_found = 221;
inline constexpr Status unsupported_ptx_version = 222;
inline constexpr Status jit_compilation_disabled = 223;
inline constexpr Status contained = 226;
inline constexpr Status operating_system = 304;
inline constexpr Status not_ready = 600;
inline constexpr Status illegal_address = 700;
inline constexpr Status launch_out_of_resources = 701;
inline constexpr Status launch_timeout = 702;
inline constexpr Status peer_access_already_enabled = 704;
inline constexpr Status context_is_destroyed = 709;
inline constexpr Status assertion = 710;
inline constexpr Status hardware_stack_error = 714;
inline constexpr Status illegal_instruction = 715;
inline constexpr Status misaligned_address = 716;
inline constexpr Status invalid_address_space = 717;
inline constexpr Status invalid_program_counter = 718;
inline constexpr Status launch_failed = 719;
inline constexpr Status not_permitted = 800;
inline constexpr Status not_supported = 801;
inline constexpr Status system_not_ready = 802;
inline constexpr Status system_driver_mismatch = 803;
inline constexpr Status mps_client_terminated = 810;
inline constexpr Status unknown = 999;
}  // namespace status

class Driver;

/// After such a status nothing works any more on the device, in this process.
bool is_loss(Status status);

/// `cuMemCreate failed: out of memory (CUDA_ERROR_OUT_OF_MEMORY, 2)`
std::string describe(const Driver& driver, std::string_view call, Status status);

/// The contract's error for a call that failed: `out-of-memory`, `device-lost`, `cuda:…`, else `backend-failed`.
Error to_error(const Driver& driver, std::string_view call, Status status);

}  // namespace halyard::cuda
