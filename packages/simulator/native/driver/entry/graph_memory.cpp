// Nodes of graphs that take memory and give it back.
#include "../graph_memory.h"

#include "../graph_parameters.h"

using namespace halyard::simulator;

namespace {

std::shared_ptr<Graph> graph_of(Call& call, CUgraph handle) {
  return call.driver.graphs.get(handle, CUDA_ERROR_INVALID_VALUE);
}

const LifetimeWork& work_of_node(Call& call, CUgraphNode node, bool frees) {
  const auto& work = work_of<LifetimeWork>(*call.driver.nodes.get(node, CUDA_ERROR_INVALID_VALUE)->work);
  require(work.frees() == frees);
  return work;
}

}  // namespace

CUresult cuGraphAddMemAllocNode(CUgraphNode* node, CUgraph handle, const CUgraphNode* dependencies, std::size_t count,
                                CUDA_MEM_ALLOC_NODE_PARAMS* parameters) {
  return enter("cuGraphAddMemAllocNode", [&](Call& call) {
    require(node && parameters && (dependencies || count == 0));
    const auto graph = graph_of(call, handle);
    const CUmemPoolProps& properties = parameters->poolProps;
    require(properties.allocType == CU_MEM_ALLOCATION_TYPE_PINNED);
    require(properties.location.type == CU_MEM_LOCATION_TYPE_DEVICE);
    require(properties.handleTypes == CU_MEM_HANDLE_TYPE_NONE, CUDA_ERROR_NOT_SUPPORTED);
    Device& device = call.driver.device(properties.location.id);
    // Other devices are not let into memory of graphs here.
    for (std::size_t i = 0; i < parameters->accessDescCount; ++i)
      require(parameters->accessDescs[i].location.id == device.ordinal, CUDA_ERROR_NOT_SUPPORTED);
    auto work = make_graph_allocation(call, *graph, device, parameters->bytesize);
    parameters->dptr = work->address();
    *node = add_node(call.driver, *graph, call.context, std::move(work), {dependencies, dependencies + count});
  });
}

CUresult cuGraphMemAllocNodeGetParams(CUgraphNode node, CUDA_MEM_ALLOC_NODE_PARAMS* parameters) {
  return enter("cuGraphMemAllocNodeGetParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    const LifetimeWork& work = work_of_node(call, node, false);
    *parameters = {};
    parameters->poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
    parameters->poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, call.driver.graph_memory.at(work.address()).device};
    parameters->bytesize = work.bytes();
    parameters->dptr = work.address();
  });
}

CUresult cuGraphAddMemFreeNode(CUgraphNode* node, CUgraph handle, const CUgraphNode* dependencies, std::size_t count,
                               CUdeviceptr address) {
  return enter("cuGraphAddMemFreeNode", [&](Call& call) {
    require(node && (dependencies || count == 0));
    const auto graph = graph_of(call, handle);
    *node = add_node(call.driver, *graph, call.context, make_graph_free(call, *graph, address),
                     {dependencies, dependencies + count});
  });
}

CUresult cuGraphMemFreeNodeGetParams(CUgraphNode node, CUdeviceptr* address) {
  return enter("cuGraphMemFreeNodeGetParams", Needs::initialization, [&](Call& call) {
    require(address != nullptr);
    *address = work_of_node(call, node, true).address();
  });
}

CUresult cuDeviceGraphMemTrim(CUdevice device) {
  // Nothing is kept back: memory goes where it came from as soon as it is freed.
  return enter("cuDeviceGraphMemTrim", Needs::initialization, [&](Call& call) { call.driver.device(device); });
}

CUresult cuDeviceGetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attribute, void* value) {
  return enter("cuDeviceGetGraphMemAttribute", Needs::initialization, [&](Call& call) {
    require(value != nullptr);
    const Pool& pool = *call.driver.device(device).graph_pool;
    switch (attribute) {
      case CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT:
      case CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT: *static_cast<cuuint64_t*>(value) = pool.used; return;
      case CU_GRAPH_MEM_ATTR_USED_MEM_HIGH:
      case CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH: *static_cast<cuuint64_t*>(value) = pool.used_high; return;
    }
    fail(CUDA_ERROR_INVALID_VALUE);
  });
}

CUresult cuDeviceSetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attribute, void* value) {
  return enter("cuDeviceSetGraphMemAttribute", Needs::initialization, [&](Call& call) {
    // The high-water marks, and these to zero, which is what there is now.
    require(attribute == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH || attribute == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH);
    require(value != nullptr && *static_cast<const cuuint64_t*>(value) == 0);
    Pool& pool = *call.driver.device(device).graph_pool;
    pool.used_high = pool.used;
  });
}
