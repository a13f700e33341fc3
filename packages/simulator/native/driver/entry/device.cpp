// Devices and what they are.
#include <cstdio>
#include <cstring>

#include "../call.h"
#include "../peer_memory.h"

using namespace halyard::simulator;

namespace {

constexpr int bus_id = 1;  // of the first device; each has a bus of its own

int attribute_of(const Device& device, CUdevice_attribute attribute) {
  const DeviceProperties& p = device.properties;
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: return 64;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_PITCH: return 0x7fffffff;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: return 65535;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: return 48 * 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return p.shared_bytes_per_block;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return p.shared_bytes_per_multiprocessor;
    case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: return p.reserved_shared_bytes;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: return 65536;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: return 32;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: return 65536;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: return p.clock_megahertz * 1000;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: return p.memory_clock_megahertz * 1000;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: return p.memory_bus_bits;
    case CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT: return 512;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: return p.multiprocessors;
    case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: return bus_id + device.ordinal;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: return static_cast<int>(p.second_level_bytes);
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: return p.threads_per_multiprocessor;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: return p.blocks_per_multiprocessor;
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: return 3;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: return p.capability / 10;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: return p.capability % 10;
    case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP:
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM:
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
    case CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED: return 1;
    case CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH: return p.capability >= 90;
    // What is not simulated is what the device does not have: managed memory, textures, ECC, IPC …
    default: return 0;
  }
}

constexpr int last_attribute = 147;

}  // namespace

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return enter("cuDeviceGet", Needs::initialization, [&](Call& call) {
    require(device != nullptr);
    call.driver.device(ordinal);
    *device = ordinal;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return enter("cuDeviceGetCount", Needs::initialization, [&](Call& call) {
    require(count != nullptr);
    *count = static_cast<int>(call.driver.devices.size());
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return enter("cuDeviceGetName", Needs::initialization, [&](Call& call) {
    require(name && length > 0);
    std::snprintf(name, static_cast<std::size_t>(length), "%s", call.driver.device(device).properties.name.c_str());
  });
}

CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  return enter("cuDeviceGetUuid_v2", Needs::initialization, [&](Call& call) {
    require(uuid != nullptr);
    std::memcpy(uuid->bytes, call.driver.device(device).uuid().data(), sizeof uuid->bytes);
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) { return cuDeviceGetUuid_v2(uuid, device); }

CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return enter("cuDeviceTotalMem_v2", Needs::initialization, [&](Call& call) {
    require(bytes != nullptr);
    *bytes = call.driver.device(device).properties.memory_bytes;
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return enter("cuDeviceGetAttribute", Needs::initialization, [&](Call& call) {
    require(value && attribute >= 1 && static_cast<int>(attribute) <= last_attribute);
    *value = attribute_of(call.driver.device(device), attribute);
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return enter("cuDeviceComputeCapability", Needs::initialization, [&](Call& call) {
    require(major && minor);
    const int capability = call.driver.device(device).properties.capability;
    *major = capability / 10;
    *minor = capability % 10;
  });
}

CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  return enter("cuDeviceGetPCIBusId", Needs::initialization, [&](Call& call) {
    require(text && length >= 13);
    std::snprintf(text, static_cast<std::size_t>(length), "0000:%02X:00.0",
                  bus_id + call.driver.device(device).ordinal);
  });
}

CUresult cuDeviceGetByPCIBusId(CUdevice* device, const char* text) {
  return enter("cuDeviceGetByPCIBusId", Needs::initialization, [&](Call& call) {
    unsigned domain = 0;
    unsigned bus = 0;
    require(device && text && std::sscanf(text, "%x:%x", &domain, &bus) == 2);
    *device = call.driver.device(static_cast<int>(bus) - bus_id).ordinal;
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return enter("cuDeviceCanAccessPeer", Needs::initialization, [&](Call& call) {
    require(can != nullptr);
    call.driver.device(device);
    call.driver.device(peer);
    *can = can_be_peers(call.driver, device, peer);
  });
}

CUresult cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice from, CUdevice to) {
  return enter("cuDeviceGetP2PAttribute", Needs::initialization, [&](Call& call) {
    require(value && attribute >= 1 && attribute <= 5 && from != to);
    call.driver.device(from);
    call.driver.device(to);
    // Neither atomics over the link nor arrays; all links are equally fast.
    *value = attribute == CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED && can_be_peers(call.driver, from, to);
  });
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
  return enter("cuDeviceGetDefaultMemPool", Needs::initialization, [&](Call& call) {
    require(pool != nullptr);
    *pool = reinterpret_cast<CUmemoryPool>(call.driver.device(device).default_pool.get());
  });
}

CUresult cuDeviceGetMemPool(CUmemoryPool* pool, CUdevice device) {
  return enter("cuDeviceGetMemPool", Needs::initialization, [&](Call& call) {
    require(pool != nullptr);
    *pool = reinterpret_cast<CUmemoryPool>(call.driver.device(device).current_pool.get());
  });
}

CUresult cuDeviceSetMemPool(CUdevice device, CUmemoryPool pool) {
  return enter("cuDeviceSetMemPool", Needs::initialization, [&](Call& call) {
    auto found = call.driver.pools.get(pool);
    require(found->device == device);
    call.driver.device(device).current_pool = std::move(found);
  });
}
