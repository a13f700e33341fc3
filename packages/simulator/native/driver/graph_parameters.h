#pragma once

#include "copy_parameters.h"
#include "graph.h"
#include "kernel_work.h"

namespace halyard::simulator {

/// The first version of a kernel node's parameters, and the second.
CUDA_KERNEL_NODE_PARAMS widen(const CUDA_KERNEL_NODE_PARAMS_v1* parameters);
CUDA_KERNEL_NODE_PARAMS_v1 narrow(const CUDA_KERNEL_NODE_PARAMS& parameters);

/// What nodes do. Throw what the launch, copy or fill itself would be refused with.
std::shared_ptr<KernelWork> make_kernel(Call& call, CUDA_KERNEL_NODE_PARAMS parameters, Dimensions cluster = {});
std::shared_ptr<FillWork> make_fill(Call& call, const CUDA_MEMSET_NODE_PARAMS* parameters);
std::shared_ptr<HostWork> make_host_call(const CUDA_HOST_NODE_PARAMS* parameters);

/// The work of a node as what it has to be.
template <typename Kind>
const Kind& work_of(const Work& work) {
  const auto* kind = dynamic_cast<const Kind*>(&work);
  require(kind != nullptr);
  return *kind;
}

/// Puts a work in place of one of the same type.
template <typename Place>
void set_work(Place& place, std::shared_ptr<const Work> work) {
  require(place.work->type() == work->type());
  place.work = std::move(work);
}

}  // namespace halyard::simulator
