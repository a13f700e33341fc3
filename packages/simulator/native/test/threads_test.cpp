// The driver's interface from several threads at once, each of which checks what it gets. For the thread sanitizer.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "../driver/api/declarations.h"

namespace {

constexpr int thread_count = 4;
constexpr int rounds = 8;
constexpr unsigned blocks = 8;
constexpr unsigned block_threads = 64;
constexpr std::size_t elements = blocks * block_threads;
constexpr std::size_t bytes = elements * sizeof(int);

/// `increase` adds a number to each element, `tally` counts its threads in one place, `endless` never ends.
constexpr const char* kernels = R"(
.version 7.0
.target sm_80
.address_size 64
.visible .entry increase(.param .u64 increase_values, .param .u32 increase_number) {
  .reg .b32 %r<8>;
  .reg .b64 %rd<5>;
  ld.param.u64 %rd1, [increase_values];
  ld.param.u32 %r1, [increase_number];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  cvta.to.global.u64 %rd2, %rd1;
  mul.wide.s32 %rd3, %r5, 4;
  add.s64 %rd4, %rd2, %rd3;
  ld.global.u32 %r6, [%rd4];
  add.s32 %r7, %r6, %r1;
  st.global.u32 [%rd4], %r7;
  ret;
}
.visible .entry tally(.param .u64 tally_count) {
  .reg .b32 %r<3>;
  .reg .b64 %rd<3>;
  .shared .align 4 .b8 tally_one[4];
  ld.param.u64 %rd1, [tally_count];
  cvta.to.global.u64 %rd2, %rd1;
  mov.u32 %r1, 1;
  st.shared.u32 [tally_one], %r1;
  bar.sync 0;
  ld.shared.u32 %r2, [tally_one];
  red.global.add.u32 [%rd2], %r2;
  ret;
}
.visible .entry endless() {
again:
  bra again;
}
)";

void check(CUresult result) {
  const char* name = nullptr;
  if (result != CUDA_SUCCESS) cuGetErrorName(result, &name);
  REQUIRE_MESSAGE(result == CUDA_SUCCESS, name);
}

/// Two devices, whose kernels run on three threads of the host.
CUcontext primary_context(CUdevice device) {
  setenv("HALYARD_SIMULATOR", R"({"devices": [{"architecture": "sm_80"}, {"architecture": "sm_80"}], "hostThreads": 3})",
         0);
  check(cuInit(0));
  CUcontext context = nullptr;
  check(cuDevicePrimaryCtxRetain(&context, device));
  return context;
}

void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

/// What one thread works with: a module, streams and memory of its own.
class Worker {
 public:
  explicit Worker(CUcontext context) {
    check(cuCtxSetCurrent(context));
    check(cuModuleLoadData(&module_, kernels));
    check(cuModuleGetFunction(&increase_, module_, "increase"));
    check(cuModuleGetFunction(&tally_, module_, "tally"));
    for (CUstream& stream : streams_) check(cuStreamCreate(&stream, non_blocking));
    check(cuMemAlloc_v2(&values_, bytes));
    check(cuMemHostAlloc(&host_, bytes, 0));
    check(cuEventCreate(&event_, 0));
  }
  ~Worker() {
    check(cuEventDestroy_v2(event_));
    check(cuMemFreeHost(host_));
    check(cuMemFree_v2(values_));
    for (CUstream stream : streams_) check(cuStreamDestroy_v2(stream));
    check(cuModuleUnload(module_));
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void increase(unsigned number, CUstream stream) {
    void* arguments[] = {&values_, &number};
    check(cuLaunchKernel(increase_, blocks, 1, 1, block_threads, 1, 1, 0, stream, arguments, nullptr));
  }

  /// Two streams take turns, held in order by an event.
  void alternate(CUdeviceptr count) {
    void* arguments[] = {&count};
    check(cuMemsetD32Async(values_, 0, elements, streams_[0]));
    for (unsigned turn = 0; turn < 4; ++turn) {
      const CUstream stream = streams_[turn % 2];
      if (turn > 0) check(cuStreamWaitEvent(stream, event_, 0));
      increase(turn + 1, stream);
      check(cuLaunchKernel(tally_, blocks, 1, 1, block_threads, 1, 1, 0, stream, arguments, nullptr));
      check(cuEventRecord(event_, stream));
    }
    expect_all(1 + 2 + 3 + 4, streams_[1]);
  }

  /// What was captured is replayed, then patched.
  void replay() {
    CUgraph graph = nullptr;
    CUgraphExec executable = nullptr;
    check(cuMemsetD32Async(values_, 0, elements, streams_[0]));
    check(cuStreamBeginCapture_v2(streams_[0], CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    increase(5, streams_[0]);
    increase(6, streams_[0]);
    check(cuStreamEndCapture(streams_[0], &graph));
    check(cuGraphInstantiateWithFlags(&executable, graph, 0));
    for (int i = 0; i < 3; ++i) check(cuGraphLaunch(executable, streams_[0]));
    expect_all(33, streams_[0]);
    check(cuGraphExecDestroy(executable));
    check(cuGraphDestroy(graph));
  }

  /// Memory in the stream's order, and a call of the host behind it.
  void borrow(std::atomic<int>& calls) {
    CUdeviceptr memory = 0;
    check(cuMemAllocAsync(&memory, bytes, streams_[0]));
    check(cuMemsetD32Async(memory, 7, elements, streams_[0]));
    check(cuMemcpyDtoDAsync_v2(values_, memory, bytes, streams_[0]));
    check(cuMemFreeAsync(memory, streams_[0]));
    check(cuLaunchHostFunc(streams_[0], [](void* count) { ++*static_cast<std::atomic<int>*>(count); }, &calls));
    expect_all(7, streams_[0]);
  }

 private:
  static constexpr unsigned non_blocking = 1;

  void expect_all(int expected, CUstream stream) {
    check(cuMemcpyDtoHAsync_v2(host_, values_, bytes, stream));
    check(cuStreamSynchronize(stream));
    const int* values = static_cast<const int*>(host_);
    for (std::size_t i = 0; i < elements; ++i) REQUIRE(values[i] == expected);
  }

  CUmodule module_ = nullptr;
  CUfunction increase_ = nullptr;
  CUfunction tally_ = nullptr;
  std::array<CUstream, 2> streams_{};
  CUdeviceptr values_ = 0;
  void* host_ = nullptr;
  CUevent event_ = nullptr;
};

}  // namespace

TEST_CASE("threads share a device: launches, graphs, memory and calls of the host") {
  const CUcontext context = primary_context(0);
  check(cuCtxSetCurrent(context));
  CUdeviceptr count = 0;
  check(cuMemAlloc_v2(&count, sizeof(unsigned)));
  check(cuMemsetD32_v2(count, 0, 1));
  std::atomic<int> calls{0};
  on_threads(thread_count, [&](int) {
    Worker worker(context);
    for (int round = 0; round < rounds; ++round) {
      worker.alternate(count);
      worker.replay();
      worker.borrow(calls);
    }
  });
  unsigned total = 0;
  check(cuMemcpyDtoH_v2(&total, count, sizeof total));
  CHECK(total == thread_count * rounds * 4 * elements);
  CHECK(calls == thread_count * rounds);
  check(cuMemFree_v2(count));
}

TEST_CASE("threads come and go on two devices, and copy from one to the other") {
  const std::array<CUcontext, 2> contexts{primary_context(0), primary_context(1)};
  on_threads(thread_count, [&](int index) {
    const CUcontext here = contexts[static_cast<std::size_t>(index % 2)];
    const CUcontext there = contexts[static_cast<std::size_t>((index + 1) % 2)];
    for (int round = 0; round < rounds; ++round) {
      CUdeviceptr from = 0, to = 0;
      CUstream stream = nullptr;
      check(cuCtxSetCurrent(there));
      check(cuMemAlloc_v2(&to, bytes));
      check(cuCtxSetCurrent(here));
      check(cuMemAlloc_v2(&from, bytes));
      check(cuStreamCreate(&stream, 1));
      check(cuMemsetD32Async(from, static_cast<unsigned>(index), elements, stream));
      check(cuMemcpyPeerAsync(to, there, from, here, bytes, stream));
      check(cuStreamSynchronize(stream));
      std::vector<int> values(elements);
      check(cuMemcpyDtoH_v2(values.data(), to, bytes));
      for (const int value : values) REQUIRE(value == index);
      check(cuMemFree_v2(from));
      check(cuMemFree_v2(to));
      check(cuStreamDestroy_v2(stream));
    }
  });
}

TEST_CASE("a context is destroyed under a kernel that never ends, and the other device goes on") {
  const CUcontext other = primary_context(1);
  on_threads(2, [&](int index) {
    if (index == 1) {
      Worker worker(other);
      for (int round = 0; round < rounds; ++round) worker.replay();
      return;
    }
    CUcontext own = nullptr;
    CUmodule module = nullptr;
    CUfunction endless = nullptr;
    check(cuCtxCreate_v2(&own, 0, 0));
    check(cuModuleLoadData(&module, kernels));
    check(cuModuleGetFunction(&endless, module, "endless"));
    check(cuLaunchKernel(endless, blocks, 1, 1, block_threads, 1, 1, 0, nullptr, nullptr, nullptr));
    CHECK(cuStreamQuery(nullptr) == CUDA_ERROR_NOT_READY);
    check(cuCtxDestroy_v2(own));
  });
}
