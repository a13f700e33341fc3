// Device memory: mapped, in short supply, and of several devices.
#include "program.h"

namespace {

void virtual_memory() {
  Session session;
  CUmemAllocationProp properties{};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  std::size_t chunk = 0;
  check(cuMemGetAllocationGranularity(&chunk, &properties, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
  say("granularity", static_cast<double>(chunk));
  CUdeviceptr base = 0;
  check(cuMemAddressReserve(&base, 8 * chunk, 0, 0, 0));
  CUmemGenericAllocationHandle handles[2];
  for (int i = 0; i < 2; ++i) {
    check(cuMemCreate(&handles[i], chunk, &properties, 0));
    check(cuMemMap(base + static_cast<CUdeviceptr>(i) * chunk, chunk, 0, handles[i], 0));
    check(cuMemRelease(handles[i]));
  }
  say("before_access", cuMemsetD8(base, 1, 16));
  CUmemAccessDesc access{properties.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  check(cuMemSetAccess(base, 2 * chunk, &access, 1));
  const CUdeviceptr across = base + chunk - bytes / 2;
  check(cuMemsetD32(across, 0x40000000, count));
  check(launch_scale(session, across, 4, nullptr));
  check(cuCtxSynchronize());
  say("sum", sum_of(across));
  say("beyond", cuMemsetD8(base + 2 * chunk, 1, 16));
  std::size_t free = 0, total = 0;
  check(cuMemGetInfo(&free, &total));
  say("used", static_cast<double>((total - free) / chunk));
  check(cuMemUnmap(base + chunk, chunk));
  check(cuMemGetInfo(&free, &total));
  say("shrunk", static_cast<double>((total - free) / chunk));
  check(cuMemUnmap(base, chunk));
  check(cuMemAddressFree(base, 8 * chunk));
}

void out_of_memory() {
  Session session;
  CUdeviceptr small = 0, large = 0;
  check(cuMemAlloc(&small, 10 << 20));
  say("too_much", cuMemAlloc(&large, 60 << 20));
  CUmemAllocationProp properties{};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemGenericAllocationHandle handle = 0;
  say("too_much_physical", cuMemCreate(&handle, 64 << 20, &properties, 0));
  say("too_much_in_order", cuMemAllocAsync(&large, 60 << 20, nullptr));
  check(cuMemFree(small));
  say("afterwards", cuMemAlloc(&large, 60 << 20));
}

void peers() {
  Session session;
  const CUdeviceptr near = allocate();
  check(cuMemsetD32(near, 0x3f800000, count));
  CUcontext other = nullptr;
  check(cuDevicePrimaryCtxRetain(&other, 1));
  check(cuCtxSetCurrent(other));
  const CUdeviceptr far = allocate();
  check(cuMemcpyPeer(far, other, near, session.context, bytes));
  say("sum", sum_of(far));
  char name[100];
  check(cuDeviceGetName(name, sizeof name, 1));
  say("name", name);
  std::size_t total = 0;
  check(cuDeviceTotalMem(&total, 1));
  say("memory", static_cast<double>(total));
  int major = 0, processors = 0;
  check(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 1));
  check(cuDeviceGetAttribute(&processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 1));
  say("major", major);
  say("multiprocessors", processors);
}

/// Device 0 works on memory of device 1: not let in, let in, and shut out again, through its context or through the mapping.
void peer_access(bool is_mapped) {
  Session session;
  CUcontext other = nullptr;
  check(cuDevicePrimaryCtxRetain(&other, 1));
  int can = -1, supported = -1;
  check(cuDeviceCanAccessPeer(&can, 0, 1));
  check(cuDeviceGetP2PAttribute(&supported, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 1));
  say("can", can);
  say("supported", supported);
  check(cuCtxSetCurrent(other));
  constexpr std::size_t chunk = 2 << 20;
  CUdeviceptr far = 0;
  CUmemAccessDesc access{{CU_MEM_LOCATION_TYPE_DEVICE, 1}, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  if (is_mapped) {
    CUmemAllocationProp properties{};
    properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    properties.location = access.location;
    CUmemGenericAllocationHandle handle = 0;
    check(cuMemCreate(&handle, chunk, &properties, 0));
    check(cuMemAddressReserve(&far, chunk, 0, 0, 0));
    check(cuMemMap(far, chunk, 0, handle, 0));
    check(cuMemSetAccess(far, chunk, &access, 1));
    access.location.id = 0;
  } else {
    far = allocate();
  }
  check(cuMemsetD32(far, 0x3f800000, count));
  check(cuCtxSetCurrent(session.context));
  const CUdeviceptr near = allocate();
  check(cuMemsetD32(near, 0x3f800000, count));
  const CUresult let_in = is_mapped ? cuMemSetAccess(far, chunk, &access, 1) : cuCtxEnablePeerAccess(other, 0);
  say("let_in", let_in);
  if (!is_mapped) say("again", cuCtxEnablePeerAccess(other, 0));
  check(cuMemcpyPeer(near, session.context, far, other, bytes));
  if (let_in == CUDA_SUCCESS) {
    check(launch_add(session, near, far, far, count, nullptr));
    check(cuCtxSynchronize());
    say("sum", sum_of(far));
    access.flags = CU_MEM_ACCESS_FLAGS_PROT_NONE;
    check(is_mapped ? cuMemSetAccess(far, chunk, &access, 1) : cuCtxDisablePeerAccess(other));
  }
  check(launch_scale(session, far, 2, nullptr));
  say("shut_out", cuCtxSynchronize());
  check(cuCtxSetCurrent(other));
  say("other", cuMemsetD32(far, 0, count));
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"virtual-memory", virtual_memory},
                       {"out-of-memory", out_of_memory},
                       {"peers", peers},
                       {"peer-access", [] { peer_access(false); }},
                       {"peer-access-of-mapping", [] { peer_access(true); }}});
}
