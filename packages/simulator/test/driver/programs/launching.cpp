// Kernels are launched, the host is called, and time is measured.
#include "program.h"

namespace {


std::vector<float> ramp() {
  std::vector<float> values(count);
  for (int i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i);
  return values;
}

void vector_add() {
  Session session;
  const auto values = ramp();
  const CUdeviceptr a = allocate(), b = allocate(), c = allocate();
  check(cuMemcpyHtoD(a, values.data(), bytes));
  check(cuMemsetD32(b, 0x40000000, count));
  check(launch_add(session, a, b, c, count, nullptr));
  check(cuCtxSynchronize());
  say("sum", sum_of(c));
  CUdeviceptr table = 0;
  std::size_t size = 0;
  check(cuModuleGetGlobal(&table, &size, session.module, "table"));
  float entries[4];
  check(cuMemcpyDtoH(entries, table, sizeof entries));
  say("table", entries[3]);
  say("table_bytes", static_cast<double>(size));
  int threads = 0, registers = 0, blocks = 0;
  check(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, session.add));
  check(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, session.add));
  check(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, session.add, 128, 0));
  say("threads", threads);
  say("has_registers", registers > 0);
  say("blocks", blocks);
  for (const CUdeviceptr address : {a, b, c}) check(cuMemFree(address));
  say("freed_twice", cuMemFree(a));
  check(cuModuleUnload(session.module));
  std::size_t free = 0, total = 0;
  check(cuMemGetInfo(&free, &total));
  say("leaked", static_cast<double>(total - free));
  check(cuDevicePrimaryCtxRelease(0));
}

void host_calls() {
  Session session;
  const CUstream stream = make_stream();
  float* host = pinned();
  const CUdeviceptr x = allocate();
  check(cuMemsetD32Async(x, 0x40400000, count, stream));
  check(cuMemcpyDtoHAsync(host, x, bytes, stream));
  struct Seen {
    float* host;
    float value;
  } seen{host, 0};
  check(cuLaunchHostFunc(stream, [](void* data) {
    auto* to = static_cast<Seen*>(data);
    to->value = to->host[count - 1];
  }, &seen));
  check(cuStreamSynchronize(stream));
  say("seen", seen.value);
  CUevent start = nullptr, end = nullptr;
  check(cuEventCreate(&start, 0));
  check(cuEventCreate(&end, 0));
  check(cuEventRecord(start, stream));
  check(launch_scale(session, x, 2, stream));
  check(cuEventRecord(end, stream));
  check(cuEventSynchronize(end));
  float milliseconds = -1;
  check(cuEventElapsedTime(&milliseconds, start, end));
  say("elapsed", milliseconds >= 0 ? "some" : "none");
  // A box out of the middle of another.
  float to[2][3] = {};
  CUDA_MEMCPY2D box{};
  box.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  box.srcDevice = x;
  box.srcPitch = 10 * sizeof(float);
  box.srcXInBytes = 4 * sizeof(float);
  box.dstMemoryType = CU_MEMORYTYPE_HOST;
  box.dstHost = to;
  box.dstPitch = 3 * sizeof(float);
  box.WidthInBytes = 2 * sizeof(float);
  box.Height = 2;
  check(cuMemcpy2D(&box));
  say("box", to[0][0] + to[0][1] + to[1][0] + to[1][1] + to[0][2]);
  CUdeviceptr pooled = 0;
  check(cuMemAllocAsync(&pooled, bytes, stream));
  check(cuMemsetD32Async(pooled, 0, count, stream));
  check(cuMemFreeAsync(pooled, stream));
  check(cuStreamSynchronize(stream));
  say("freed", cuMemsetD32(pooled, 0, count));
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"vector-add", vector_add},
                       {"host-calls", host_calls}});
}
