#include "bound_graph.h"

#include <bit>
#include <cstring>
#include <iterator>

#include "../memory/cuda_region.h"
#include "tensor_map.h"

namespace halyard::cuda {
namespace {

std::uint64_t value_of(const KernelArgument& argument, const CudaExecutable& executable, const BindingTable& table) {
  auto span_address = [](const Span& span) { return span.region ? address_of(span) : DeviceAddress{0}; };
  const auto index = static_cast<std::size_t>(argument.integer);
  switch (argument.kind) {
    case KernelArgument::Kind::binding: return span_address(table.spans[index]);
    case KernelArgument::Kind::packed: return span_address(table.packed[index]);
    case KernelArgument::Kind::workspace: return span_address(table.workspace) + index;
    case KernelArgument::Kind::scratch:
      return span_address(table.workspace) + static_cast<std::uint64_t>(executable.scratch_offset()) + index;
    case KernelArgument::Kind::float32: return std::bit_cast<std::uint32_t>(static_cast<float>(argument.number));
    default: return static_cast<std::uint64_t>(argument.integer);
  }
}

}  // namespace

BoundGraph::~BoundGraph() {
  if (graph_ == nullptr || context_->is_hung()) return;
  const CurrentContext current(*context_);
  if (executable_ != nullptr) context_->functions().graph_executable_destroy(executable_);
  context_->functions().graph_destroy(graph_);
}

Failure BoundGraph::run(const BindingTable& table, DriverStream stream) {
  const auto& executable = static_cast<const CudaExecutable&>(*table.executable);
  if (executable.launches().empty()) return std::nullopt;
  std::lock_guard lock(mutex_);
  if (executable_ == nullptr || revision_ != table.revision)
    if (Failure failure = executable_ == nullptr ? build(executable, table) : patch(executable, table)) return failure;
  revision_ = table.revision;
  return context_->check("cuGraphLaunch", context_->functions().graph_launch(executable_, stream));
}

Failure BoundGraph::build(const CudaExecutable& executable, const BindingTable& table) {
  const DriverFunctions& functions = context_->functions();
  if (graph_ != nullptr) functions.graph_destroy(graph_);
  graph_ = nullptr;
  if (Failure failure = context_->check("cuGraphCreate", functions.graph_create(&graph_, 0))) return failure;
  const std::vector<Launch>& launches = executable.launches();
  nodes_.assign(launches.size(), {});
  for (std::size_t i = 0; i < launches.size(); i++) {
    std::vector<GraphNode> before;
    for (std::int32_t launch : launches[i].after) before.push_back(nodes_[static_cast<std::size_t>(launch)].handle);
    if (Failure failure = pack(nodes_[i], launches[i], executable, table)) return failure;
    const KernelNodeParameters parameters = parameters_of(nodes_[i], launches[i], executable.function(i));
    const Status status =
        functions.graph_add_kernel(&nodes_[i].handle, graph_, before.data(), before.size(), &parameters);
    if (Failure failure = context_->check("cuGraphAddKernelNode(" + launches[i].kernel + ")", status)) return failure;
  }
  return context_->check("cuGraphInstantiateWithFlags", functions.graph_instantiate(&executable_, graph_, 0));
}

Failure BoundGraph::patch(const CudaExecutable& executable, const BindingTable& table) {
  const std::vector<Launch>& launches = executable.launches();
  for (std::size_t i = 0; i < launches.size(); i++) {
    Node& node = nodes_[i];
    const std::vector<std::uint64_t> before = node.values;
    if (Failure failure = pack(node, launches[i], executable, table)) {
      node.values = before;
      return failure;
    }
    if (node.values == before) continue;
    const KernelNodeParameters parameters = parameters_of(node, launches[i], executable.function(i));
    const Status status = context_->functions().graph_set_kernel(executable_, node.handle, &parameters);
    if (Failure failure = context_->check("cuGraphExecKernelNodeSetParams(" + launches[i].kernel + ")", status)) {
      node.values = before;
      return failure;
    }
  }
  return std::nullopt;
}

Failure BoundGraph::pack(Node& node, const Launch& launch, const CudaExecutable& executable,
                         const BindingTable& table) const {
  node.values.clear();
  for (const KernelArgument& argument : launch.arguments) {
    const std::uint64_t value = value_of(argument, executable, table);
    if (!argument.map) {
      node.values.push_back(value);
      continue;
    }
    const auto encoded = encode_tensor_map(*context_, *argument.map, value);
    if (!encoded) return encoded.error();
    node.values.insert(node.values.end(), std::begin(encoded.value().words), std::end(encoded.value().words));
  }
  return std::nullopt;
}

KernelNodeParameters BoundGraph::parameters_of(Node& node, const Launch& launch, Function function) const {
  node.pointers.clear();
  std::uint64_t* next = node.values.data();
  // The driver takes as many bytes of each as the kernel's parameter has; the machine is little-endian.
  for (const KernelArgument& argument : launch.arguments) {
    node.pointers.push_back(next);
    next += argument.map ? std::size(EncodedTensorMap{}.words) : 1;
  }
  KernelNodeParameters parameters;
  parameters.function = function;
  parameters.grid_x = launch.grid[0];
  parameters.grid_y = launch.grid[1];
  parameters.grid_z = launch.grid[2];
  parameters.block_x = launch.block[0];
  parameters.block_y = launch.block[1];
  parameters.block_z = launch.block[2];
  parameters.dynamic_shared_bytes = launch.dynamic_shared_bytes;
  parameters.parameters = node.pointers.data();
  return parameters;
}

}  // namespace halyard::cuda
