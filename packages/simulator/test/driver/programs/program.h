// What the programs have in common. Each is written in the plain style of the driver API against NVIDIA's cuda.h and run
// as  PROGRAM SCENARIO PTX.  What it sees is printed as `name=value`; a call that fails ends it with the name of its result.
#pragma once

#include <cuda.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

inline const char* name_of(CUresult result) {
  const char* name = nullptr;
  cuGetErrorName(result, &name);
  return name ? name : "?";
}

inline void check(CUresult result) {
  if (result == CUDA_SUCCESS) return;
  std::printf("failed=%s\n", name_of(result));
  std::exit(3);
}

inline void say(const char* name, const char* value) { std::printf("%s=%s\n", name, value); }
inline void say(const char* name, CUresult value) { say(name, name_of(value)); }
inline void say(const char* name, double value) { std::printf("%s=%.12g\n", name, value); }

inline constexpr int count = 1000;
inline constexpr std::size_t bytes = count * sizeof(float);
inline std::string ptx;

struct Session {
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUfunction add = nullptr;
  CUfunction scale = nullptr;
  Session() {
    check(cuInit(0));
    CUdevice device = 0;
    check(cuDeviceGet(&device, 0));
    check(cuDevicePrimaryCtxRetain(&context, device));
    check(cuCtxSetCurrent(context));
    check(cuModuleLoadData(&module, ptx.c_str()));
    check(cuModuleGetFunction(&add, module, "add"));
    check(cuModuleGetFunction(&scale, module, "scale"));
  }
};

inline CUdeviceptr allocate(std::size_t size = bytes) {
  CUdeviceptr address = 0;
  check(cuMemAlloc(&address, size));
  return address;
}

inline CUstream make_stream() {
  CUstream stream = nullptr;
  check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  return stream;
}

inline float* pinned() {
  void* memory = nullptr;
  check(cuMemAllocHost(&memory, bytes));
  return static_cast<float*>(memory);
}

inline CUresult launch_add(const Session& session, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c, int n, CUstream stream) {
  void* arguments[] = {&a, &b, &c, &n};
  return cuLaunchKernel(session.add, (count + 127) / 128, 1, 1, 128, 1, 1, 0, stream, arguments, nullptr);
}

inline CUresult launch_scale(const Session& session, CUdeviceptr x, float factor, CUstream stream, int n = count) {
  void* arguments[] = {&x, &factor, &n};
  return cuLaunchKernel(session.scale, (count + 127) / 128, 1, 1, 128, 1, 1, 0, stream, arguments, nullptr);
}

inline double sum_of(CUdeviceptr address) {
  std::vector<float> values(count);
  check(cuMemcpyDtoH(values.data(), address, bytes));
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

/// What main of each program does.
inline int run_scenario(int argument_count, char** arguments,
                        const std::map<std::string, std::function<void()>>& scenarios) {
  if (argument_count < 3) return 2;
  std::ifstream file(arguments[2], std::ios::binary);
  ptx.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  scenarios.at(arguments[1])();
  return 0;
}
