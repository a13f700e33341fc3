#pragma once

#include <memory>
#include <string>
#include <vector>

#include "state.h"

namespace halyard::simulator {

/// A kernel with its arguments.
class KernelWork : public Work {
 public:
  /// Copies the arguments, of which there are as many as the kernel has parameters (or one buffer, in `extra`). Throws
  /// what a launch of this shape is refused with. `cluster` is what an attribute of the launch asks for.
  KernelWork(std::shared_ptr<Function> function, const CUDA_KERNEL_NODE_PARAMS& parameters, Dimensions cluster,
             bool is_cooperative);

  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_KERNEL; }
  CUresult run(Execution& execution) const override;
  std::string describe() const override { return "the kernel " + function_->kernel->name; }
  /// What the node's parameters are; the pointers live as long as this.
  CUDA_KERNEL_NODE_PARAMS parameters() const;
  const Function& function() const { return *function_; }
  /// As asked for: a node keeps it when its parameters change.
  Dimensions asked_cluster() const { return asked_cluster_; }

 private:
  void take_arguments(void** arguments, void** extra);

  std::shared_ptr<Function> function_;
  Dimensions asked_cluster_;
  LaunchConfiguration configuration_;
  mutable std::vector<void*> pointers_;
};

/// Blocks of a kernel that fit on a multiprocessor at once.
int active_blocks(const Function& function, int block_size, std::uint64_t dynamic_shared_bytes);

}  // namespace halyard::simulator
