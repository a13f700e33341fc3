#pragma once

#include "types.h"

/// All functions of the driver that are called: FUNCTION(member, symbol, symbol of older drivers or the same, parameters).
/// What is OPTIONAL may be missing: there is another way. The return type is that of all, a status.
#define HALYARD_CUDA_FUNCTIONS(FUNCTION, OPTIONAL)                                                                      \
  FUNCTION(init, cuInit, cuInit, (unsigned))                                                                           \
  FUNCTION(driver_version, cuDriverGetVersion, cuDriverGetVersion, (int*))                                             \
  FUNCTION(get_error_name, cuGetErrorName, cuGetErrorName, (Status, const char**))                                     \
  FUNCTION(get_error_string, cuGetErrorString, cuGetErrorString, (Status, const char**))                               \
  FUNCTION(device_count, cuDeviceGetCount, cuDeviceGetCount, (int*))                                                   \
  FUNCTION(device_get, cuDeviceGet, cuDeviceGet, (DeviceNumber*, int))                                                 \
  FUNCTION(device_name, cuDeviceGetName, cuDeviceGetName, (char*, int, DeviceNumber))                                  \
  FUNCTION(device_uuid, cuDeviceGetUuid_v2, cuDeviceGetUuid, (Uuid*, DeviceNumber))                                    \
  FUNCTION(device_memory, cuDeviceTotalMem_v2, cuDeviceTotalMem_v2, (std::size_t*, DeviceNumber))                      \
  FUNCTION(device_attribute, cuDeviceGetAttribute, cuDeviceGetAttribute, (int*, DeviceAttribute, DeviceNumber))        \
  FUNCTION(device_bus_id, cuDeviceGetPCIBusId, cuDeviceGetPCIBusId, (char*, int, DeviceNumber))                        \
  FUNCTION(can_access_peer, cuDeviceCanAccessPeer, cuDeviceCanAccessPeer, (int*, DeviceNumber, DeviceNumber))          \
  FUNCTION(context_retain, cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (Context*, DeviceNumber))               \
  FUNCTION(context_release, cuDevicePrimaryCtxRelease_v2, cuDevicePrimaryCtxRelease, (DeviceNumber))                   \
  FUNCTION(context_push, cuCtxPushCurrent_v2, cuCtxPushCurrent_v2, (Context))                                          \
  FUNCTION(context_pop, cuCtxPopCurrent_v2, cuCtxPopCurrent_v2, (Context*))                                            \
  FUNCTION(enable_peer, cuCtxEnablePeerAccess, cuCtxEnablePeerAccess, (Context, unsigned))                             \
  FUNCTION(memory_info, cuMemGetInfo_v2, cuMemGetInfo_v2, (std::size_t*, std::size_t*))                                \
  FUNCTION(module_load, cuModuleLoadDataEx, cuModuleLoadDataEx, (Module*, const void*, unsigned, JitOption*, void**))  \
  FUNCTION(module_unload, cuModuleUnload, cuModuleUnload, (Module))                                                    \
  FUNCTION(module_function, cuModuleGetFunction, cuModuleGetFunction, (Function*, Module, const char*))                \
  FUNCTION(function_set, cuFuncSetAttribute, cuFuncSetAttribute, (Function, FunctionAttribute, int))                   \
  FUNCTION(memory_allocate, cuMemAlloc_v2, cuMemAlloc_v2, (DeviceAddress*, std::size_t))                               \
  FUNCTION(memory_free, cuMemFree_v2, cuMemFree_v2, (DeviceAddress))                                                   \
  FUNCTION(host_allocate, cuMemHostAlloc, cuMemHostAlloc, (void**, std::size_t, unsigned))                             \
  FUNCTION(host_free, cuMemFreeHost, cuMemFreeHost, (void*))                                                           \
  FUNCTION(copy, cuMemcpyAsync, cuMemcpyAsync, (DeviceAddress, DeviceAddress, std::size_t, DriverStream))              \
  FUNCTION(copy_to_device, cuMemcpyHtoDAsync_v2, cuMemcpyHtoDAsync_v2,                                                 \
           (DeviceAddress, const void*, std::size_t, DriverStream))                                                    \
  FUNCTION(copy_to_host, cuMemcpyDtoHAsync_v2, cuMemcpyDtoHAsync_v2,                                                   \
           (void*, DeviceAddress, std::size_t, DriverStream))                                                          \
  FUNCTION(copy_to_peer, cuMemcpyPeerAsync, cuMemcpyPeerAsync,                                                         \
           (DeviceAddress, Context, DeviceAddress, Context, std::size_t, DriverStream))                                \
  FUNCTION(fill, cuMemsetD8Async, cuMemsetD8Async, (DeviceAddress, unsigned char, std::size_t, DriverStream))          \
  FUNCTION(stream_create, cuStreamCreate, cuStreamCreate, (DriverStream*, unsigned))                                   \
  FUNCTION(stream_destroy, cuStreamDestroy_v2, cuStreamDestroy_v2, (DriverStream))                                     \
  FUNCTION(stream_synchronize, cuStreamSynchronize, cuStreamSynchronize, (DriverStream))                               \
  FUNCTION(stream_wait, cuStreamWaitEvent, cuStreamWaitEvent, (DriverStream, Event, unsigned))                         \
  FUNCTION(event_create, cuEventCreate, cuEventCreate, (Event*, unsigned))                                             \
  FUNCTION(event_destroy, cuEventDestroy_v2, cuEventDestroy_v2, (Event))                                               \
  FUNCTION(event_record, cuEventRecord, cuEventRecord, (Event, DriverStream))                                          \
  FUNCTION(event_query, cuEventQuery, cuEventQuery, (Event))                                                           \
  FUNCTION(event_synchronize, cuEventSynchronize, cuEventSynchronize, (Event))                                         \
  FUNCTION(launch, cuLaunchKernel, cuLaunchKernel,                                                                     \
           (Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, DriverStream, void**,      \
            void**))                                                                                                   \
  FUNCTION(graph_create, cuGraphCreate, cuGraphCreate, (Graph*, unsigned))                                             \
  FUNCTION(graph_destroy, cuGraphDestroy, cuGraphDestroy, (Graph))                                                     \
  FUNCTION(graph_add_kernel, cuGraphAddKernelNode_v2, cuGraphAddKernelNode,                                            \
           (GraphNode*, Graph, const GraphNode*, std::size_t, const KernelNodeParameters*))                            \
  FUNCTION(graph_add_child, cuGraphAddChildGraphNode, cuGraphAddChildGraphNode,                                        \
           (GraphNode*, Graph, const GraphNode*, std::size_t, Graph))                                                  \
  FUNCTION(graph_instantiate, cuGraphInstantiateWithFlags, cuGraphInstantiateWithFlags,                                \
           (GraphExecutable*, Graph, unsigned long long))                                                              \
  FUNCTION(graph_launch, cuGraphLaunch, cuGraphLaunch, (GraphExecutable, DriverStream))                                \
  FUNCTION(graph_executable_destroy, cuGraphExecDestroy, cuGraphExecDestroy, (GraphExecutable))                        \
  FUNCTION(graph_set_kernel, cuGraphExecKernelNodeSetParams_v2, cuGraphExecKernelNodeSetParams,                        \
           (GraphExecutable, GraphNode, const KernelNodeParameters*))                                                  \
  FUNCTION(graph_set_child, cuGraphExecChildGraphNodeSetParams, cuGraphExecChildGraphNodeSetParams,                    \
           (GraphExecutable, GraphNode, Graph))                                                                        \
  FUNCTION(capture_begin, cuStreamBeginCapture_v2, cuStreamBeginCapture_v2, (DriverStream, CaptureMode))               \
  FUNCTION(capture_end, cuStreamEndCapture, cuStreamEndCapture, (DriverStream, Graph*))                                \
  OPTIONAL(encode_tensor_map, cuTensorMapEncodeTiled, cuTensorMapEncodeTiled,                                          \
           (EncodedTensorMap*, TensorMapType, std::uint32_t, void*, const std::uint64_t*, const std::uint64_t*,        \
            const std::uint32_t*, const std::uint32_t*, TensorMapInterleave, TensorMapSwizzle, TensorMapPromotion,     \
            TensorMapFill))                                                                                            \
  OPTIONAL(allocate_in_order, cuMemAllocAsync, cuMemAllocAsync, (DeviceAddress*, std::size_t, DriverStream))           \
  OPTIONAL(device_pool, cuDeviceGetMemPool, cuDeviceGetMemPool, (MemoryPool*, DeviceNumber))                           \
  OPTIONAL(pool_set_access, cuMemPoolSetAccess, cuMemPoolSetAccess,                                                    \
           (MemoryPool, const AccessDescription*, std::size_t))                                                        \
  OPTIONAL(free_in_order, cuMemFreeAsync, cuMemFreeAsync, (DeviceAddress, DriverStream))                               \
  OPTIONAL(address_reserve, cuMemAddressReserve, cuMemAddressReserve,                                                  \
           (DeviceAddress*, std::size_t, std::size_t, DeviceAddress, unsigned long long))                              \
  OPTIONAL(address_free, cuMemAddressFree, cuMemAddressFree, (DeviceAddress, std::size_t))                             \
  OPTIONAL(physical_create, cuMemCreate, cuMemCreate,                                                                  \
           (AllocationHandle*, std::size_t, const AllocationProperties*, unsigned long long))                          \
  OPTIONAL(physical_release, cuMemRelease, cuMemRelease, (AllocationHandle))                                           \
  OPTIONAL(map, cuMemMap, cuMemMap,                                                                                    \
           (DeviceAddress, std::size_t, std::size_t, AllocationHandle, unsigned long long))                            \
  OPTIONAL(unmap, cuMemUnmap, cuMemUnmap, (DeviceAddress, std::size_t))                                                \
  OPTIONAL(set_access, cuMemSetAccess, cuMemSetAccess,                                                                 \
           (DeviceAddress, std::size_t, const AccessDescription*, std::size_t))                                        \
  OPTIONAL(granularity, cuMemGetAllocationGranularity, cuMemGetAllocationGranularity,                                  \
           (std::size_t*, const AllocationProperties*, GranularityKind))

#if defined(_WIN32) && !defined(_WIN64)
#define HALYARD_CUDA_CALL __stdcall
#else
#define HALYARD_CUDA_CALL
#endif

namespace halyard::cuda {

/// A null pointer for an optional function that is missing.
struct DriverFunctions {
#define HALYARD_CUDA_MEMBER(member, symbol, older, parameters) Status(HALYARD_CUDA_CALL* member) parameters = nullptr;
  HALYARD_CUDA_FUNCTIONS(HALYARD_CUDA_MEMBER, HALYARD_CUDA_MEMBER)
#undef HALYARD_CUDA_MEMBER
};

}  // namespace halyard::cuda
