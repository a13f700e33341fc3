// Memory in the order of a stream, and the pools that it comes from.
#include "../call.h"
#include "../graph_memory.h"
#include "../peer_memory.h"

using namespace halyard::simulator;

namespace {

void allocate_async(Call& call, CUdeviceptr* address, std::size_t bytes, const std::shared_ptr<Pool>& pool,
                    CUstream handle) {
  require(address != nullptr);
  const auto stream = call.stream(handle);
  if (stream->capture) {
    auto work = make_graph_allocation(call, *stream->capture->graph, call.driver.device(pool->device), bytes);
    *address = work->address();
    return capture_work(call.driver, *stream, std::move(work));
  }
  require(pool->maximum == 0 || pool->used + bytes <= pool->maximum, CUDA_ERROR_OUT_OF_MEMORY);
  Device& device = call.driver.device(pool->device);
  // What was freed in the order of streams comes back before a request is refused.
  if (device.memory->used() + bytes > device.memory->capacity()) wait_for_all(call.driver, call.lock, *call.context);
  *address = allocate(call, device, bytes, pool);
  submit(call.driver, *stream, std::make_shared<LifetimeWork>(*address, bytes, false));
}

}  // namespace

CUresult cuMemAllocAsync(CUdeviceptr* address, std::size_t bytes, CUstream stream) {
  return enter("cuMemAllocAsync",
               [&](Call& call) { allocate_async(call, address, bytes, call.device().current_pool, stream); });
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  return enter("cuMemAllocFromPoolAsync",
               [&](Call& call) { allocate_async(call, address, bytes, call.driver.pools.get(pool), stream); });
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream handle) {
  return enter("cuMemFreeAsync", [&](Call& call) {
    const auto stream = call.stream(handle);
    if (stream->capture)
      return capture_work(call.driver, *stream, make_graph_free(call, *stream->capture->graph, address));
    const std::uint64_t bytes = give_back(call.driver, address);
    submit(call.driver, *stream, std::make_shared<LifetimeWork>(address, bytes, true));
  });
}

CUresult cuMemPoolCreate(CUmemoryPool* handle, const CUmemPoolProps* properties) {
  return enter("cuMemPoolCreate", Needs::initialization, [&](Call& call) {
    require(handle && properties && properties->allocType == CU_MEM_ALLOCATION_TYPE_PINNED);
    require(properties->location.type == CU_MEM_LOCATION_TYPE_DEVICE);
    require(properties->handleTypes == CU_MEM_HANDLE_TYPE_NONE, CUDA_ERROR_NOT_SUPPORTED);
    auto pool = std::make_shared<Pool>();
    pool->device = call.driver.device(properties->location.id).ordinal;
    pool->maximum = properties->maxSize;
    *handle = call.driver.pools.add(std::move(pool));
  });
}

CUresult cuMemPoolDestroy(CUmemoryPool handle) {
  return enter("cuMemPoolDestroy", Needs::initialization, [&](Call& call) {
    const auto pool = call.driver.pools.get(handle);
    Device& device = call.driver.device(pool->device);
    require(pool != device.default_pool);
    if (device.current_pool == pool) device.current_pool = device.default_pool;
    call.driver.pools.remove(handle);
  });
}

CUresult cuMemPoolTrimTo(CUmemoryPool handle, std::size_t) {
  // Nothing is kept back: memory goes where it came from as soon as it is freed.
  return enter("cuMemPoolTrimTo", Needs::initialization, [&](Call& call) { call.driver.pools.get(handle); });
}

CUresult cuMemPoolGetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return enter("cuMemPoolGetAttribute", Needs::initialization, [&](Call& call) {
    require(value != nullptr);
    const auto pool = call.driver.pools.get(handle);
    switch (attribute) {
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        *static_cast<int*>(value) = pool->reuse[attribute - 1];
        return;
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: *static_cast<cuuint64_t*>(value) = pool->release_threshold; return;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
      case CU_MEMPOOL_ATTR_USED_MEM_CURRENT: *static_cast<cuuint64_t*>(value) = pool->used; return;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH: *static_cast<cuuint64_t*>(value) = pool->used_high; return;
    }
    fail(CUDA_ERROR_INVALID_VALUE);
  });
}

CUresult cuMemPoolSetAttribute(CUmemoryPool handle, CUmemPool_attribute attribute, void* value) {
  return enter("cuMemPoolSetAttribute", Needs::initialization, [&](Call& call) {
    require(value != nullptr);
    const auto pool = call.driver.pools.get(handle);
    switch (attribute) {
      case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
      case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
        pool->reuse[attribute - 1] = *static_cast<const int*>(value);
        return;
      case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: pool->release_threshold = *static_cast<const cuuint64_t*>(value); return;
      case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
      case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
        require(*static_cast<const cuuint64_t*>(value) == 0);
        pool->used_high = pool->used;
        return;
      default: fail(CUDA_ERROR_INVALID_VALUE);
    }
  });
}

CUresult cuMemPoolSetAccess(CUmemoryPool handle, const CUmemAccessDesc* access, std::size_t count) {
  return enter("cuMemPoolSetAccess", Needs::initialization, [&](Call& call) {
    const auto pool = call.driver.pools.get(handle);
    require(access || count == 0);
    for (std::size_t i = 0; i < count; ++i) {
      const CUmemLocation& location = access[i].location;
      require(location.type == CU_MEM_LOCATION_TYPE_DEVICE, CUDA_ERROR_NOT_SUPPORTED);
      const int viewer = call.driver.device(location.id).ordinal;
      require(viewer == pool->device || can_be_peers(call.driver, viewer, pool->device), CUDA_ERROR_INVALID_DEVICE);
    }
    for (std::size_t i = 0; i < count; ++i) {
      // A device is never shut out of its own pools.
      if (access[i].flags == CU_MEM_ACCESS_FLAGS_PROT_NONE)
        pool->access.erase(access[i].location.id);
      else
        pool->access.insert(access[i].location.id);
    }
  });
}

CUresult cuMemPoolGetAccess(CUmemAccess_flags* flags, CUmemoryPool handle, CUmemLocation* location) {
  return enter("cuMemPoolGetAccess", Needs::initialization, [&](Call& call) {
    require(flags && location);
    const auto pool = call.driver.pools.get(handle);
    const bool is_open = pool->device == location->id || pool->access.contains(location->id);
    *flags = is_open ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_NONE;
  });
}
