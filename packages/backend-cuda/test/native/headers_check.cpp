// Compiles if what native/driver and native/compiler declare is what NVIDIA's cuda.h and nvrtc.h declare. Never run.
#include <cuda.h>
#include <nvrtc.h>

#include <cstddef>
#include <type_traits>

#include "../../native/compiler/nvrtc_functions.h"
#include "../../native/driver/functions.h"
#include "../../native/driver/status.h"
#include "../../native/driver/types.h"
#include "same_signature.h"

#if CUDA_VERSION < 12000
// Under 11.8 the functions without a suffix are called, with a structure that ends earlier.
#define cuGraphAddKernelNode_v2 cuGraphAddKernelNode
#define cuGraphExecKernelNodeSetParams_v2 cuGraphExecKernelNodeSetParams
// It has no tensor maps, and its driver is not asked for any.
struct CUtensorMap;
CUresult cuTensorMapEncodeTiled(CUtensorMap*, int, unsigned, void*, const cuuint64_t*, const cuuint64_t*,
                                const cuuint32_t*, const cuuint32_t*, int, int, int, int);
#endif

namespace halyard::cuda {

SAME(ContextHandle, std::remove_pointer_t<CUcontext>)
SAME(ModuleHandle, std::remove_pointer_t<CUmodule>)
SAME(FunctionHandle, std::remove_pointer_t<CUfunction>)
SAME(StreamHandle, std::remove_pointer_t<CUstream>)
SAME(EventHandle, std::remove_pointer_t<CUevent>)
SAME(MemoryPoolHandle, std::remove_pointer_t<CUmemoryPool>)
SAME(GraphHandle, std::remove_pointer_t<CUgraph>)
SAME(GraphNodeHandle, std::remove_pointer_t<CUgraphNode>)
SAME(GraphExecutableHandle, std::remove_pointer_t<CUgraphExec>)
SAME(NvrtcProgramHandle, std::remove_pointer_t<nvrtcProgram>)
SAME(Uuid, CUuuid)
SAME(AllocationProperties, CUmemAllocationProp)
SAME(AccessDescription, CUmemAccessDesc)
SAME(KernelNodeParameters, CUDA_KERNEL_NODE_PARAMS)
SAME(EncodedTensorMap, CUtensorMap)

#define CHECK_FUNCTION(member, symbol, older, parameters) \
  static_assert(Signature<decltype(DriverFunctions::member), decltype(&::symbol)>::value, #symbol);
HALYARD_CUDA_FUNCTIONS(CHECK_FUNCTION, CHECK_FUNCTION)

#define CHECK_NVRTC(member, symbol, result, parameters) \
  static_assert(Signature<decltype(NvrtcFunctions::member), decltype(&::symbol)>::value, #symbol);
HALYARD_NVRTC_FUNCTIONS(CHECK_NVRTC)

CHECK_SIZE(Uuid, CUuuid)
CHECK_SIZE(MemoryLocation, CUmemLocation)
CHECK_SIZE(AllocationProperties, CUmemAllocationProp)
CHECK_SIZE(AccessDescription, CUmemAccessDesc)
#if CUDA_VERSION >= 12000
CHECK_SIZE(KernelNodeParameters, CUDA_KERNEL_NODE_PARAMS)
static_assert(sizeof(EncodedTensorMap) == sizeof(CUtensorMap) && alignof(EncodedTensorMap) >= alignof(CUtensorMap));
#endif
CHECK_FIELD(AllocationProperties, location, CUmemAllocationProp, location)
CHECK_FIELD(AllocationProperties, win32_handle_metadata, CUmemAllocationProp, win32HandleMetaData)
CHECK_FIELD(AllocationProperties, flags, CUmemAllocationProp, allocFlags)
CHECK_FIELD(AccessDescription, flags, CUmemAccessDesc, flags)
CHECK_FIELD(KernelNodeParameters, grid_z, CUDA_KERNEL_NODE_PARAMS, gridDimZ)
CHECK_FIELD(KernelNodeParameters, block_x, CUDA_KERNEL_NODE_PARAMS, blockDimX)
CHECK_FIELD(KernelNodeParameters, dynamic_shared_bytes, CUDA_KERNEL_NODE_PARAMS, sharedMemBytes)
CHECK_FIELD(KernelNodeParameters, parameters, CUDA_KERNEL_NODE_PARAMS, kernelParams)
CHECK_FIELD(KernelNodeParameters, extra, CUDA_KERNEL_NODE_PARAMS, extra)
#if CUDA_VERSION >= 12000
CHECK_FIELD(KernelNodeParameters, context, CUDA_KERNEL_NODE_PARAMS, ctx)
#endif

CHECK_VALUE(MemoryLocation{}.type, CU_MEM_LOCATION_TYPE_DEVICE)
CHECK_VALUE(AccessDescription{}.flags, CU_MEM_ACCESS_FLAGS_PROT_READWRITE)
CHECK_VALUE(CaptureMode::relaxed, CU_STREAM_CAPTURE_MODE_RELAXED)
CHECK_VALUE(GranularityKind::minimum, CU_MEM_ALLOC_GRANULARITY_MINIMUM)
CHECK_VALUE(event_blocking_sync, CU_EVENT_BLOCKING_SYNC)
CHECK_VALUE(event_disable_timing, CU_EVENT_DISABLE_TIMING)
CHECK_VALUE(stream_non_blocking, CU_STREAM_NON_BLOCKING)
CHECK_VALUE(host_allocation_portable, CU_MEMHOSTALLOC_PORTABLE)
CHECK_VALUE(host_allocation_device_map, CU_MEMHOSTALLOC_DEVICEMAP)
CHECK_VALUE(FunctionAttribute::shared_bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES)
CHECK_VALUE(FunctionAttribute::maximum_dynamic_shared_bytes, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
CHECK_VALUE(JitOption::error_log, CU_JIT_ERROR_LOG_BUFFER)
CHECK_VALUE(JitOption::error_log_bytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES)
CHECK_VALUE(JitOption::information_log, CU_JIT_INFO_LOG_BUFFER)
CHECK_VALUE(JitOption::information_log_bytes, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES)
#define CHECK_ATTRIBUTE(ours, theirs) CHECK_VALUE(DeviceAttribute::ours, CU_DEVICE_ATTRIBUTE_##theirs)
CHECK_ATTRIBUTE(maximum_threads_per_block, MAX_THREADS_PER_BLOCK)
CHECK_ATTRIBUTE(warp_size, WARP_SIZE)
CHECK_ATTRIBUTE(clock_kilohertz, CLOCK_RATE)
CHECK_ATTRIBUTE(multiprocessors, MULTIPROCESSOR_COUNT)
CHECK_ATTRIBUTE(compute_mode, COMPUTE_MODE)
CHECK_ATTRIBUTE(memory_clock_kilohertz, MEMORY_CLOCK_RATE)
CHECK_ATTRIBUTE(memory_bus_bits, GLOBAL_MEMORY_BUS_WIDTH)
CHECK_ATTRIBUTE(l2_cache_bytes, L2_CACHE_SIZE)
CHECK_ATTRIBUTE(maximum_threads_per_multiprocessor, MAX_THREADS_PER_MULTIPROCESSOR)
CHECK_ATTRIBUTE(capability_major, COMPUTE_CAPABILITY_MAJOR)
CHECK_ATTRIBUTE(capability_minor, COMPUTE_CAPABILITY_MINOR)
CHECK_ATTRIBUTE(shared_bytes_per_multiprocessor, MAX_SHARED_MEMORY_PER_MULTIPROCESSOR)
CHECK_ATTRIBUTE(registers_per_multiprocessor, MAX_REGISTERS_PER_MULTIPROCESSOR)
CHECK_ATTRIBUTE(shared_bytes_per_block_opt_in, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)
CHECK_ATTRIBUTE(virtual_memory_management, VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)
CHECK_ATTRIBUTE(memory_pools, MEMORY_POOLS_SUPPORTED)
#if CUDA_VERSION >= 12000
CHECK_VALUE(TensorMapType::uint8, CU_TENSOR_MAP_DATA_TYPE_UINT8)
CHECK_VALUE(TensorMapType::uint16, CU_TENSOR_MAP_DATA_TYPE_UINT16)
CHECK_VALUE(TensorMapType::uint32, CU_TENSOR_MAP_DATA_TYPE_UINT32)
CHECK_VALUE(TensorMapInterleave::none, CU_TENSOR_MAP_INTERLEAVE_NONE)
CHECK_VALUE(TensorMapSwizzle::bytes_128, CU_TENSOR_MAP_SWIZZLE_128B)
CHECK_VALUE(TensorMapPromotion::bytes_256, CU_TENSOR_MAP_L2_PROMOTION_L2_256B)
CHECK_VALUE(TensorMapFill::zeros, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE)
#endif
CHECK_VALUE(2, CU_COMPUTEMODE_PROHIBITED)
#define CHECK_STATUS(ours, theirs) CHECK_VALUE(status::ours, CUDA_ERROR_##theirs)
CHECK_VALUE(status::success, CUDA_SUCCESS)
CHECK_STATUS(out_of_memory, OUT_OF_MEMORY)
CHECK_STATUS(not_initialized, NOT_INITIALIZED)
CHECK_STATUS(deinitialized, DEINITIALIZED)
CHECK_STATUS(stub_library, STUB_LIBRARY)
CHECK_STATUS(device_unavailable, DEVICE_UNAVAILABLE)
CHECK_STATUS(no_device, NO_DEVICE)
CHECK_STATUS(no_binary_for_gpu, NO_BINARY_FOR_GPU)
CHECK_STATUS(ecc_uncorrectable, ECC_UNCORRECTABLE)
CHECK_STATUS(invalid_ptx, INVALID_PTX)
CHECK_STATUS(nvlink_uncorrectable, NVLINK_UNCORRECTABLE)
CHECK_STATUS(jit_compiler_not_found, JIT_COMPILER_NOT_FOUND)
CHECK_STATUS(unsupported_ptx_version, UNSUPPORTED_PTX_VERSION)
CHECK_STATUS(jit_compilation_disabled, JIT_COMPILATION_DISABLED)
#if CUDA_VERSION >= 12090
CHECK_STATUS(contained, CONTAINED)
#endif
CHECK_STATUS(operating_system, OPERATING_SYSTEM)
CHECK_STATUS(not_ready, NOT_READY)
CHECK_STATUS(illegal_address, ILLEGAL_ADDRESS)
CHECK_STATUS(launch_out_of_resources, LAUNCH_OUT_OF_RESOURCES)
CHECK_STATUS(launch_timeout, LAUNCH_TIMEOUT)
CHECK_STATUS(peer_access_already_enabled, PEER_ACCESS_ALREADY_ENABLED)
CHECK_STATUS(context_is_destroyed, CONTEXT_IS_DESTROYED)
CHECK_STATUS(assertion, ASSERT)
CHECK_STATUS(hardware_stack_error, HARDWARE_STACK_ERROR)
CHECK_STATUS(illegal_instruction, ILLEGAL_INSTRUCTION)
CHECK_STATUS(misaligned_address, MISALIGNED_ADDRESS)
CHECK_STATUS(invalid_address_space, INVALID_ADDRESS_SPACE)
CHECK_STATUS(invalid_program_counter, INVALID_PC)
CHECK_STATUS(launch_failed, LAUNCH_FAILED)
CHECK_STATUS(not_permitted, NOT_PERMITTED)
CHECK_STATUS(not_supported, NOT_SUPPORTED)
CHECK_STATUS(system_not_ready, SYSTEM_NOT_READY)
CHECK_STATUS(system_driver_mismatch, SYSTEM_DRIVER_MISMATCH)
CHECK_STATUS(mps_client_terminated, MPS_CLIENT_TERMINATED)
CHECK_STATUS(unknown, UNKNOWN)

}  // namespace halyard::cuda
