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

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"virtual-memory", virtual_memory},
                       {"out-of-memory", out_of_memory},
                       {"peers", peers}});
}
