// What goes wrong, by itself or injected.
#include "program.h"

namespace {

void overrun() {
  Session session;
  const CUdeviceptr x = allocate();
  check(cuMemsetD32(x, 0, count));
  check(launch_scale(session, x, 2, nullptr, count + 24));
  say("synchronize", cuCtxSynchronize());
  CUdeviceptr more = 0;
  say("afterwards", cuMemAlloc(&more, 16));
  check(cuDevicePrimaryCtxReset(0));
  check(cuDevicePrimaryCtxRetain(&session.context, 0));
  check(cuCtxSetCurrent(session.context));
  say("new_context", cuMemAlloc(&more, 16));
}

/// Runs three kernels on the first device, then one on the last, whatever becomes of the first.
void faults() {
  Session session;
  CUdeviceptr x = 0;
  CUresult result = cuMemAlloc(&x, bytes);
  say("first_allocation", result);
  if (result != CUDA_SUCCESS) check(cuMemAlloc(&x, bytes));
  say("fill", cuMemsetD32(x, 0, count));
  for (int i = 0; i < 3; ++i) {
    result = launch_scale(session, x, 2, nullptr);
    if (result == CUDA_SUCCESS) result = cuCtxSynchronize();
    std::printf("kernel_%d=%s\n", i + 1, name_of(result));
  }
  int devices = 0;
  check(cuDeviceGetCount(&devices));
  if (devices < 2) return;
  CUcontext other = nullptr;
  check(cuDevicePrimaryCtxRetain(&other, devices - 1));
  check(cuCtxSetCurrent(other));
  check(cuMemAlloc(&x, bytes));
  say("other_device", cuMemsetD32(x, 0, count));
}

void hang() {
  Session session;
  CUcontext own = nullptr;
  check(cuCtxCreate(&own, nullptr, 0, 0));
  CUmodule module = nullptr;
  CUfunction scale = nullptr;
  check(cuModuleLoadData(&module, ptx.c_str()));
  check(cuModuleGetFunction(&scale, module, "scale"));
  CUdeviceptr x = allocate();
  float factor = 2;
  int n = count;
  void* arguments[] = {&x, &factor, &n};
  CUevent end = nullptr;
  check(cuEventCreate(&end, CU_EVENT_DISABLE_TIMING));
  check(cuLaunchKernel(scale, 8, 1, 1, 128, 1, 1, 0, nullptr, arguments, nullptr));
  check(cuEventRecord(end, nullptr));
  for (int i = 0; i < 3; ++i) say("query", cuEventQuery(end));
  check(cuCtxDestroy(own));
  say("destroyed", "yes");
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"overrun", overrun},
                       {"faults", faults},
                       {"hang", hang}});
}
