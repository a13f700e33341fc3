// Plain device memory, pinned host memory, and what an address is.
#include "../call.h"
#include "../graph_memory.h"

using namespace halyard::simulator;

namespace {

constexpr std::uint64_t pitch_alignment = 512;

CUresult allocate_host(const char* function, void** memory, std::size_t bytes, unsigned flags) {
  return enter(function, [&](Call& call) {
    require(memory && bytes > 0);
    require_no_capture(call.driver);
    void* made = take_pinned(bytes);
    require(made != nullptr, CUDA_ERROR_OUT_OF_MEMORY);
    for (const auto& device : call.driver.devices) device->memory->map_host(made, bytes);
    call.driver.host_memory[reinterpret_cast<std::uint64_t>(made)] = {call.context, bytes, flags, false};
    call.driver.order.forget(reinterpret_cast<std::uint64_t>(made), reinterpret_cast<std::uint64_t>(made) + bytes);
    *memory = made;
  });
}

/// Waits for all work, as the driver does, for it may use the memory.
void release_host(Call& call, void* memory, bool is_registered) {
  require_no_capture(call.driver);
  const auto found = call.driver.host_memory.find(reinterpret_cast<std::uint64_t>(memory));
  require(found != call.driver.host_memory.end() && found->second.is_registered == is_registered,
          is_registered ? CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED : CUDA_ERROR_INVALID_VALUE);
  wait_for_all(call.driver, call.lock, *call.context);
  const std::uint64_t bytes = found->second.bytes;
  for (const auto& device : call.driver.devices) device->memory->unmap_host(memory);
  call.driver.order.forget(found->first, found->first + bytes);
  call.driver.host_memory.erase(found);
  if (!is_registered) give_pinned(memory);
}

}  // namespace

CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return enter("cuMemGetInfo_v2", [&](Call& call) {
    const AddressSpace& memory = *call.device().memory;
    if (free) *free = memory.capacity() - std::min(memory.used(), memory.capacity());
    if (total) *total = memory.capacity();
  });
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
  return enter("cuMemAlloc_v2", [&](Call& call) {
    require(address != nullptr);
    require_no_capture(call.driver);
    *address = allocate(call, call.device(), bytes, nullptr);
  });
}

CUresult cuMemAllocPitch_v2(CUdeviceptr* address, std::size_t* pitch, std::size_t width, std::size_t height,
                            unsigned element_bytes) {
  return enter("cuMemAllocPitch_v2", [&](Call& call) {
    require(address && pitch && width > 0 && height > 0);
    require(element_bytes == 4 || element_bytes == 8 || element_bytes == 16);
    require_no_capture(call.driver);
    *pitch = (width + pitch_alignment - 1) / pitch_alignment * pitch_alignment;
    *address = allocate(call, call.device(), *pitch * height, nullptr);
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return enter("cuMemFree_v2", [&](Call& call) {
    if (address == 0) return;
    require_no_capture(call.driver);
    const auto found = call.driver.allocations.find(address);
    if (found == call.driver.allocations.end()) {
      const bool was_freed = call.device().memory->check(address, 1) == MemoryStatus::use_after_free;
      if (was_freed)
        call.driver.report.find({"double-free", call.device().ordinal, "cuMemFree", address, 0,
                                 "memory is freed that was freed before"});
      fail(CUDA_ERROR_INVALID_VALUE);
    }
    const auto owner = found->second.context;
    wait_for_all(call.driver, call.lock, *owner);
    // Another thread may have freed it meanwhile.
    call.driver.order.forget(address, address + give_back(call.driver, address));
    require(owner->device->memory->free(address) == MemoryStatus::ok);
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, std::size_t* bytes, CUdeviceptr address) {
  return enter("cuMemGetAddressRange_v2", [&](Call& call) {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    Device* device = call.driver.find_device(address);
    require(device && device->memory->find(address, begin, size) == MemoryStatus::ok, CUDA_ERROR_NOT_FOUND);
    if (base) *base = begin;
    if (bytes) *bytes = size;
  });
}

CUresult cuMemAllocHost_v2(void** memory, std::size_t bytes) {
  return allocate_host("cuMemAllocHost_v2", memory, bytes, 0);
}

CUresult cuMemHostAlloc(void** memory, std::size_t bytes, unsigned flags) {
  return flags > 7 ? CUDA_ERROR_INVALID_VALUE : allocate_host("cuMemHostAlloc", memory, bytes, flags);
}

CUresult cuMemFreeHost(void* memory) {
  return enter("cuMemFreeHost", [&](Call& call) { release_host(call, memory, false); });
}

CUresult cuMemHostRegister_v2(void* memory, std::size_t bytes, unsigned flags) {
  return enter("cuMemHostRegister_v2", [&](Call& call) {
    require(memory && bytes > 0);
    const auto address = reinterpret_cast<std::uint64_t>(memory);
    require(!call.driver.find_host(address) && !call.driver.find_host(address + bytes - 1),
            CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    for (const auto& device : call.driver.devices) device->memory->map_host(memory, bytes);
    call.driver.host_memory[address] = {call.context, bytes, flags, true};
  });
}

CUresult cuMemHostUnregister(void* memory) {
  return enter("cuMemHostUnregister", [&](Call& call) { release_host(call, memory, true); });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* memory, unsigned flags) {
  return enter("cuMemHostGetDevicePointer_v2", [&](Call& call) {
    require(address && flags == 0 && call.driver.find_host(reinterpret_cast<std::uint64_t>(memory)));
    *address = reinterpret_cast<std::uint64_t>(memory);
  });
}

CUresult cuMemHostGetFlags(unsigned* flags, void* memory) {
  return enter("cuMemHostGetFlags", [&](Call& call) {
    const auto* found = call.driver.find_host(reinterpret_cast<std::uint64_t>(memory));
    require(flags && found);
    *flags = found->second.flags;
  });
}

CUresult cuMemAllocManaged(CUdeviceptr*, std::size_t, unsigned) {
  return enter("cuMemAllocManaged", [](Call&) { fail(CUDA_ERROR_NOT_SUPPORTED); });
}

namespace {

struct Place {
  const std::pair<const std::uint64_t, HostAllocation>* host = nullptr;
  Device* device = nullptr;
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
};

Place place_of(Driver& driver, std::uint64_t address) {
  Place place;
  if ((place.host = driver.find_host(address))) {
    place.begin = place.host->first;
    place.bytes = place.host->second.bytes;
  } else if ((place.device = driver.find_device(address))) {
    place.device->memory->find(address, place.begin, place.bytes);
  }
  return place;
}

void write_attribute(Driver& driver, void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  const Place place = place_of(driver, address);
  require(place.host || place.device);
  const auto allocation = driver.allocations.find(place.begin);
  Context* context = place.host ? place.host->second.context.get()
                     : allocation != driver.allocations.end() ? allocation->second.context.get()
                                                              : nullptr;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: *static_cast<CUcontext*>(data) = reinterpret_cast<CUcontext>(context); return;
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      *static_cast<unsigned*>(data) = place.host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
      return;
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: *static_cast<CUdeviceptr*>(data) = address; return;
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      require(place.host != nullptr);
      *static_cast<void**>(data) = reinterpret_cast<void*>(address);
      return;
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: *static_cast<bool*>(data) = false; return;
    case CU_POINTER_ATTRIBUTE_MAPPED: *static_cast<bool*>(data) = true; return;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      *static_cast<int*>(data) = place.device ? place.device->ordinal : context->device->ordinal;
      return;
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: *static_cast<CUdeviceptr*>(data) = place.begin; return;
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: *static_cast<std::size_t*>(data) = place.bytes; return;
  }
  fail(CUDA_ERROR_NOT_SUPPORTED);
}

}  // namespace

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  return enter("cuPointerGetAttribute", [&](Call& call) {
    require(data != nullptr);
    write_attribute(call.driver, data, attribute, address);
  });
}

CUresult cuPointerGetAttributes(unsigned count, CUpointer_attribute* attributes, void** data, CUdeviceptr address) {
  return enter("cuPointerGetAttributes", [&](Call& call) {
    require(attributes && data);
    for (unsigned i = 0; i < count; ++i) write_attribute(call.driver, data[i], attributes[i], address);
  });
}
