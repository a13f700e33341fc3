#include "proof.h"

#include <vector>

#include "../execution/device_context.h"

namespace halyard::cuda {
namespace {

constexpr unsigned elements = 1000;
constexpr unsigned threads = 128;

/// Squares through shared memory, so that a barrier and another thread's store are part of it.
constexpr const char* source = R"(
extern "C" __global__ void prove(const float* x, float* y, int count) {
  __shared__ float tile[128];
  int at = blockIdx.x * 128 + threadIdx.x;
  tile[threadIdx.x] = at < count ? x[at] : 0.0f;
  __syncthreads();
  int mirrored = blockIdx.x * 128 + 127 - threadIdx.x;
  float value = tile[127 - threadIdx.x];
  if (mirrored < count) y[mirrored] = value * value + 1.0f;
}
)";

/// What is taken is given back whatever happens.
class Attempt {
 public:
  explicit Attempt(DeviceContext& context) : context_(context), functions_(context.functions()) {}
  ~Attempt() {
    if (stream_ != nullptr) functions_.stream_destroy(stream_);
    if (memory_ != 0) functions_.memory_free(memory_);
    if (module_ != nullptr) functions_.module_unload(module_);
  }

  Failure run(const std::string& ptx, const std::vector<float>& from, std::vector<float>& to) {
    const std::size_t bytes = from.size() * sizeof(float);
    Function function = nullptr;
    if (Failure failure = check("cuModuleLoadDataEx", functions_.module_load(&module_, ptx.c_str(), 0, nullptr, nullptr)))
      return failure;
    if (Failure failure = check("cuModuleGetFunction", functions_.module_function(&function, module_, "prove")))
      return failure;
    if (Failure failure = check("cuMemAlloc", functions_.memory_allocate(&memory_, 2 * bytes))) return failure;
    if (Failure failure = check("cuStreamCreate", functions_.stream_create(&stream_, stream_non_blocking)))
      return failure;
    if (Failure failure = check("cuMemcpyHtoDAsync", functions_.copy_to_device(memory_, from.data(), bytes, stream_)))
      return failure;
    DeviceAddress x = memory_;
    DeviceAddress y = memory_ + bytes;
    auto count = static_cast<int>(from.size());
    void* parameters[] = {&x, &y, &count};
    const unsigned blocks = (static_cast<unsigned>(from.size()) + threads - 1) / threads;
    if (Failure failure = check("cuLaunchKernel", functions_.launch(function, blocks, 1, 1, threads, 1, 1, 0, stream_,
                                                                    parameters, nullptr)))
      return failure;
    if (Failure failure = check("cuMemcpyDtoHAsync", functions_.copy_to_host(to.data(), y, bytes, stream_)))
      return failure;
    return check("cuStreamSynchronize", functions_.stream_synchronize(stream_));
  }

 private:
  Failure check(std::string_view call, Status status) { return context_.check(call, status); }

  DeviceContext& context_;
  const DriverFunctions& functions_;
  Module module_ = nullptr;
  DeviceAddress memory_ = 0;
  DriverStream stream_ = nullptr;
};

Proof failed(Error error) { return {false, error.found, std::move(error)}; }

}  // namespace

Proof prove(const Driver& driver, DeviceNumber device, const Nvrtc& nvrtc, const std::string& architecture) {
  auto ptx = nvrtc.compile(source, "prove.cu", {architecture, "--std=c++17"});
  if (!ptx) return failed(ptx.error());
  auto context = DeviceContext::open(driver, device);
  if (!context) return failed(context.error());
  const CurrentContext current(*context.value());
  if (Failure failure = context.value()->check("cuCtxPushCurrent", current.status())) return failed(*failure);
  std::vector<float> from(elements);
  std::vector<float> to(elements);
  for (unsigned i = 0; i < elements; i++) from[i] = static_cast<float>(i);
  if (Failure failure = Attempt(*context.value()).run(ptx.value(), from, to)) return failed(*failure);
  for (unsigned i = 0; i < elements; i++)
    if (to[i] != from[i] * from[i] + 1)
      return {false, "x·x + 1 at " + std::to_string(i) + " gave " + std::to_string(to[i]), std::nullopt};
  return {true, "x·x + 1 over " + std::to_string(elements) + " elements through shared memory is right", std::nullopt};
}

}  // namespace halyard::cuda
