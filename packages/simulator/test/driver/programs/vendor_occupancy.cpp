// What NVIDIA's own calculator says: each line of the input has a device and a kernel, each of the output its blocks.
#include <climits>
#include <cstdio>
#include <iostream>

#include <cuda_occupancy.h>

int main() {
  cudaOccDeviceProp device;
  device.maxThreadsPerBlock = 1024;
  device.warpSize = 32;
  device.numSms = 1;
  device.sharedMemPerBlock = 48 * 1024;
  cudaOccFuncAttributes kernel;
  kernel.maxThreadsPerBlock = INT_MAX;
  kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
  cudaOccDeviceState state;
  state.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
  int threads = 0;
  std::size_t shared = 0;
  while (std::cin >> device.computeMajor >> device.computeMinor >> device.maxThreadsPerMultiprocessor >>
         device.regsPerMultiprocessor >> device.sharedMemPerMultiprocessor >> device.reservedSharedMemPerBlock >>
         threads >> kernel.numRegs >> shared) {
    device.regsPerBlock = device.regsPerMultiprocessor;
    device.sharedMemPerBlockOptin = device.sharedMemPerMultiprocessor - device.reservedSharedMemPerBlock;
    kernel.maxDynamicSharedSizeBytes = shared;
    cudaOccResult result;
    const cudaOccError error =
        cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device, &kernel, &state, threads, shared);
    if (error != CUDA_OCC_SUCCESS) return 1;
    std::printf("%d\n", result.activeBlocksPerMultiprocessor);
  }
}
