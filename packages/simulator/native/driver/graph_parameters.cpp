#include "graph_parameters.h"

#include "launch_handle.h"

namespace halyard::simulator {

CUDA_KERNEL_NODE_PARAMS widen(const CUDA_KERNEL_NODE_PARAMS_v1* p) {
  require(p != nullptr);
  return {p->func,      p->gridDimX,       p->gridDimY,     p->gridDimZ, p->blockDimX, p->blockDimY,
          p->blockDimZ, p->sharedMemBytes, p->kernelParams, p->extra,    nullptr,      nullptr};
}

CUDA_KERNEL_NODE_PARAMS_v1 narrow(const CUDA_KERNEL_NODE_PARAMS& p) {
  return {p.func,      p.gridDimX,  p.gridDimY,       p.gridDimZ,     p.blockDimX,
          p.blockDimY, p.blockDimZ, p.sharedMemBytes, p.kernelParams, p.extra};
}

std::shared_ptr<KernelWork> make_kernel(Call& call, CUDA_KERNEL_NODE_PARAMS parameters, Dimensions cluster) {
  // A kernel of a library may stand in place of the function.
  if (!parameters.func) parameters.func = reinterpret_cast<CUfunction>(parameters.kern);
  const auto function = function_of(call, parameters.func);
  return std::make_shared<KernelWork>(function, parameters, cluster, false);
}

std::shared_ptr<FillWork> make_fill(Call& call, const CUDA_MEMSET_NODE_PARAMS* parameters) {
  require(parameters != nullptr);
  return std::make_shared<FillWork>(call.driver, call.device().ordinal, *parameters);
}

std::shared_ptr<HostWork> make_host_call(const CUDA_HOST_NODE_PARAMS* parameters) {
  require(parameters && parameters->fn);
  return std::make_shared<HostWork>(*parameters);
}

}  // namespace halyard::simulator
