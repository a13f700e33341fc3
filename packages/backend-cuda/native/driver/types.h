#pragma once

#include <cstddef>
#include <cstdint>

/// The CUDA driver API's types, as far as they are used here: layouts and numbers are those of NVIDIA's public
/// documentation (CUDA Driver API reference), checked against `cuda.h` by test/headers.test.ts.
namespace halyard::cuda {

/// Status of a call; 0 is success. Numbers in status.h.
using Status = int;
using DeviceNumber = int;
using DeviceAddress = std::uint64_t;
using AllocationHandle = std::uint64_t;

struct ContextHandle;
struct ModuleHandle;
struct FunctionHandle;
struct StreamHandle;
struct EventHandle;
struct GraphHandle;
struct GraphNodeHandle;
struct GraphExecutableHandle;
struct KernelHandle;
struct MemoryPoolHandle;

using Context = ContextHandle*;
using Module = ModuleHandle*;
using Function = FunctionHandle*;
using DriverStream = StreamHandle*;
using Event = EventHandle*;
using Graph = GraphHandle*;
using GraphNode = GraphNodeHandle*;
using GraphExecutable = GraphExecutableHandle*;
using MemoryPool = MemoryPoolHandle*;

struct Uuid {
  char bytes[16];
};

/// CUdevice_attribute
enum class DeviceAttribute : int {
  maximum_threads_per_block = 1,
  warp_size = 10,
  clock_kilohertz = 13,
  multiprocessors = 16,
  compute_mode = 20,
  memory_clock_kilohertz = 36,
  memory_bus_bits = 37,
  l2_cache_bytes = 38,
  maximum_threads_per_multiprocessor = 39,
  capability_major = 75,
  capability_minor = 76,
  shared_bytes_per_multiprocessor = 81,
  registers_per_multiprocessor = 82,
  shared_bytes_per_block_opt_in = 97,
  virtual_memory_management = 102,
  memory_pools = 115,
};

/// CUfunction_attribute
enum class FunctionAttribute : int {
  shared_bytes = 1,
  maximum_dynamic_shared_bytes = 8,
};

/// CUjit_option
enum class JitOption : int {
  information_log = 3,
  information_log_bytes = 4,
  error_log = 5,
  error_log_bytes = 6,
};

inline constexpr unsigned event_blocking_sync = 1;
inline constexpr unsigned event_disable_timing = 2;
inline constexpr unsigned stream_non_blocking = 1;
inline constexpr unsigned host_allocation_portable = 1;
inline constexpr unsigned host_allocation_device_map = 2;

/// CUmemLocation
struct MemoryLocation {
  int type = 1;  // a device
  int id = 0;
};

/// CUmemAllocationProp
struct AllocationProperties {
  int type = 1;  // pinned to the device
  int requested_handle_types = 0;
  MemoryLocation location;
  void* win32_handle_metadata = nullptr;
  struct {
    unsigned char compression_type = 0;
    unsigned char direct_remote_access = 0;
    unsigned short usage = 0;
    unsigned char reserved[4] = {};
  } flags;
};

/// CUmemAccessDesc
struct AccessDescription {
  MemoryLocation location;
  int flags = 3;  // read and write
};

/// CUstreamCaptureMode: what other threads may not do meanwhile.
enum class CaptureMode : int { global = 0, relaxed = 2 };

enum class GranularityKind : int { minimum = 0, recommended = 1 };

/// CUtensorMap: what the driver makes of a view, opaque. Aligned as CUDA 13 has it; 12 asks for half of it.
struct alignas(128) EncodedTensorMap {
  std::uint64_t words[16] = {};
};

/// CUtensorMapDataType, as far as it is used: copies do not look at what elements are.
enum class TensorMapType : int { uint8 = 0, uint16 = 1, uint32 = 2 };
enum class TensorMapInterleave : int { none = 0 };
enum class TensorMapSwizzle : int { bytes_128 = 3 };
enum class TensorMapPromotion : int { bytes_256 = 3 };
enum class TensorMapFill : int { zeros = 0 };

/// CUDA_KERNEL_NODE_PARAMS of version 2: that of version 1 with two more fields at its end.
struct KernelNodeParameters {
  Function function = nullptr;
  unsigned grid_x = 1, grid_y = 1, grid_z = 1;
  unsigned block_x = 1, block_y = 1, block_z = 1;
  unsigned dynamic_shared_bytes = 0;
  void** parameters = nullptr;
  void** extra = nullptr;
  KernelHandle* kernel = nullptr;
  Context context = nullptr;
};

}  // namespace halyard::cuda
