#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "cuda_executable.h"

namespace halyard::cuda {

/// The launches of one bound program as a graph of the driver's, made at its first run and replayed from then on. What
/// was bound anew since the last run is patched into the nodes that use it: a kernel's parameters, or, of a product that the
/// library does, what it submits for the new addresses.
class BoundGraph {
 public:
  explicit BoundGraph(DeviceContextPointer context) : context_(std::move(context)) {}
  ~BoundGraph();
  BoundGraph(const BoundGraph&) = delete;
  BoundGraph& operator=(const BoundGraph&) = delete;

  /// The context is the calling thread's.
  Failure run(const BindingTable& table, DriverStream stream);

 private:
  /// The arguments of one launch, packed: every one takes eight bytes, a tensor map its 128.
  struct Node {
    GraphNode handle = nullptr;
    std::vector<std::uint64_t> values;
    std::vector<void*> pointers;
  };

  Failure build(const CudaExecutable& executable, const BindingTable& table);
  Failure add(Node& node, std::size_t launch, const CudaExecutable& executable);
  /// False: the graph has to be made anew, since the library goes about a product in another way.
  Result<bool> patch(const CudaExecutable& executable, const BindingTable& table);
  Result<bool> patch(Node& node, std::size_t launch, const CudaExecutable& executable);
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
