#include "launch_handle.h"

namespace halyard::simulator {

std::shared_ptr<Function> function_of(Call& call, CUfunction handle) {
  if (auto function = call.driver.functions.find(handle)) return function;
  // Programs may pass a kernel of a library for a function.
  const auto kernel = call.driver.kernels.get(reinterpret_cast<CUkernel>(handle));
  call.lock.unlock();
  CUfunction found = nullptr;
  const CUresult result = cuKernelGetFunction(&found, reinterpret_cast<CUkernel>(kernel.get()));
  call.lock.lock();
  require(result == CUDA_SUCCESS, result);
  return call.driver.functions.get(found);
}

Dimensions cluster_of(const Function& function, const Dimensions& asked) {
  const auto& required = function.kernel->required_cluster;
  if (asked.count() > 1 || required[0] == 0) return asked;
  return {required[0], std::max(1u, required[1]), std::max(1u, required[2])};
}

}  // namespace halyard::simulator
