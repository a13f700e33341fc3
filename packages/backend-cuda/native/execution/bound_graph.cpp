#include "bound_graph.h"

#include <bit>
#include <iterator>
#include <utility>

#include "../memory/cuda_region.h"
#include "capture_product.h"
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
  if (executable_ != nullptr && revision_ != table.revision) {
    const auto patched = patch(executable, table);
    if (!patched) return patched.error();
    // Runs of it that are in flight go on.
    if (!patched.value()) context_->functions().graph_executable_destroy(std::exchange(executable_, nullptr));
  }
  if (executable_ == nullptr)
    if (Failure failure = build(executable, table)) return failure;
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
    if (Failure failure = pack(nodes_[i], launches[i], executable, table)) return failure;
    if (Failure failure = add(nodes_[i], i, executable)) return failure;
  }
  return context_->check("cuGraphInstantiateWithFlags", functions.graph_instantiate(&executable_, graph_, 0));
}

Failure BoundGraph::add(Node& node, std::size_t index, const CudaExecutable& executable) {
  const DriverFunctions& functions = context_->functions();
  const Launch& launch = executable.launches()[index];
  std::vector<GraphNode> before;
  for (std::int32_t earlier : launch.after) before.push_back(nodes_[static_cast<std::size_t>(earlier)].handle);
  if (launch.product) {
    auto captured = capture_product(context_, *executable.products(), *launch.product, node.values);
    if (!captured) return captured.error();
    return context_->check("cuGraphAddChildGraphNode(" + launch.kernel + ")",
                           functions.graph_add_child(&node.handle, graph_, before.data(), before.size(),
                                                     captured.value()->handle()));
  }
  const KernelNodeParameters parameters = parameters_of(node, launch, executable.function(index));
  return context_->check("cuGraphAddKernelNode(" + launch.kernel + ")",
                         functions.graph_add_kernel(&node.handle, graph_, before.data(), before.size(), &parameters));
}

Result<bool> BoundGraph::patch(const CudaExecutable& executable, const BindingTable& table) {
  for (std::size_t i = 0; i < nodes_.size(); i++) {
    const std::vector<std::uint64_t> before = nodes_[i].values;
    if (Failure failure = pack(nodes_[i], executable.launches()[i], executable, table)) {
      nodes_[i].values = before;
      return *failure;
    }
    if (nodes_[i].values == before) continue;
    const auto patched = patch(nodes_[i], i, executable);
    if (!patched) nodes_[i].values = before;
    if (!patched || !patched.value()) return patched;
  }
  return true;
}

Result<bool> BoundGraph::patch(Node& node, std::size_t index, const CudaExecutable& executable) {
  const DriverFunctions& functions = context_->functions();
  const Launch& launch = executable.launches()[index];
  if (launch.product) {
    auto captured = capture_product(context_, *executable.products(), *launch.product, node.values);
    if (!captured) return captured.error();
    const Status status = functions.graph_set_child(executable_, node.handle, captured.value()->handle());
    if (status == status::success) return true;
    const Failure failure = context_->check("cuGraphExecChildGraphNodeSetParams(" + launch.kernel + ")", status);
    if (is_loss(status)) return *failure;
    return false;
  }
  const KernelNodeParameters parameters = parameters_of(node, launch, executable.function(index));
  const Status status = functions.graph_set_kernel(executable_, node.handle, &parameters);
  if (Failure failure = context_->check("cuGraphExecKernelNodeSetParams(" + launch.kernel + ")", status))
    return *failure;
  return true;
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
