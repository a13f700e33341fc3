#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "cuda_executable.h"

namespace halyard::cuda {

/// The launches of one bound program as a graph of the driver's, made at its first run and replayed from then on. What
/// was bound anew since the last run is patched into the nodes that use it.
class BoundGraph {
 public:
  explicit BoundGraph(DeviceContextPointer context) : context_(std::move(context)) {}
  ~BoundGraph();
  BoundGraph(const BoundGraph&) = delete;
  BoundGraph& operator=(const BoundGraph&) = delete;

  /// The context is the calling thread's.
  Failure run(const BindingTable& table, DriverStream stream);

 private:
  /// The parameters of one launch, packed: every one takes eight bytes, a tensor map its 128.
  struct Node {
    GraphNode handle = nullptr;
    std::vector<std::uint64_t> values;
    std::vector<void*> pointers;
  };

  Failure build(const CudaExecutable& executable, const BindingTable& table);
  Failure patch(const CudaExecutable& executable, const BindingTable& table);
  Failure pack(Node& node, const Launch& launch, const CudaExecutable& executable, const BindingTable& table) const;
  KernelNodeParameters parameters_of(Node& node, const Launch& launch, Function function) const;

  DeviceContextPointer context_;
  std::mutex mutex_;
  Graph graph_ = nullptr;
  GraphExecutable executable_ = nullptr;
  std::vector<Node> nodes_;
  /// Of the table that the nodes have the addresses of.
  std::uint64_t revision_ = 0;
};

}  // namespace halyard::cuda
