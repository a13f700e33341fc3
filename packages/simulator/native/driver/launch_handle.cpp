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

}  // namespace halyard::simulator
