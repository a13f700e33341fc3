// Graphs: making them node by node, and reading them.
#include "../graph.h"

#include <algorithm>

#include "../call.h"
#include "../graph_parameters.h"

using namespace halyard::simulator;

namespace {

CUresult add(const char* function, CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies,
             std::size_t count, auto make) {
  return enter(function, [&](Call& call) {
    require(node && (dependencies || count == 0));
    *node = add_node(call.driver, *call.driver.graphs.get(graph, CUDA_ERROR_INVALID_VALUE), call.context, make(call),
                     {dependencies, dependencies + count});
  });
}

/// Lists are asked for twice: for their length, then for what is in them.
void write_list(const std::vector<CUgraphNode>& nodes, CUgraphNode* out, std::size_t* count) {
  require(count != nullptr);
  if (out) {
    const std::size_t written = std::min(*count, nodes.size());
    std::copy_n(nodes.begin(), written, out);
    std::fill(out + written, out + *count, nullptr);
    *count = written;
  } else {
    *count = nodes.size();
  }
}

/// Edges between parts of kernels are not simulated: all are from the end of a node to the start of another.
bool has_plain_edges(const CUgraphEdgeData* edges, std::size_t count) {
  for (std::size_t i = 0; edges && i < count; ++i)
    if (edges[i].from_port != 0 || edges[i].to_port != 0 || edges[i].type != 0) return false;
  return true;
}

CUresult with_plain_edges(CUresult result, CUgraphEdgeData* edges, const std::size_t* count) {
  if (result == CUDA_SUCCESS && edges) std::fill_n(edges, *count, CUgraphEdgeData{});
  return result;
}

std::vector<CUgraphNode> handles_of(const Graph& graph, auto condition) {
  std::vector<CUgraphNode> result;
  for (const auto& node : graph.nodes)
    if (condition(*node)) result.push_back(reinterpret_cast<CUgraphNode>(node.get()));
  return result;
}

std::shared_ptr<Graph> graph_of(Call& call, CUgraph handle) {
  return call.driver.graphs.get(handle, CUDA_ERROR_INVALID_VALUE);
}

std::shared_ptr<GraphNode> node_of(Call& call, CUgraphNode handle) {
  return call.driver.nodes.get(handle, CUDA_ERROR_INVALID_VALUE);
}

void set_parameters(Call& call, CUgraphNode handle, const CUDA_KERNEL_NODE_PARAMS& parameters) {
  GraphNode& node = *node_of(call, handle);
  set_work(node, make_kernel(call, parameters, work_of<KernelWork>(*node.work).asked_cluster()));
}

}  // namespace

CUresult cuGraphCreate(CUgraph* handle, unsigned flags) {
  return enter("cuGraphCreate", Needs::initialization, [&](Call& call) {
    require(handle && flags == 0);
    *handle = call.driver.graphs.add(std::make_shared<Graph>());
  });
}

CUresult cuGraphDestroy(CUgraph handle) {
  return enter("cuGraphDestroy", Needs::initialization, [&](Call& call) {
    const auto graph = graph_of(call, handle);
    forget(call.driver, *graph);
  });
}

CUresult cuGraphClone(CUgraph* handle, CUgraph original) {
  return enter("cuGraphClone", Needs::initialization, [&](Call& call) {
    require(handle != nullptr);
    *handle = reinterpret_cast<CUgraph>(clone(call.driver, *graph_of(call, original)).get());
  });
}

CUresult cuGraphAddKernelNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                              const CUDA_KERNEL_NODE_PARAMS_v1* parameters) {
  return add("cuGraphAddKernelNode", node, graph, dependencies, count,
             [&](Call& call) { return make_kernel(call, widen(parameters)); });
}

CUresult cuGraphAddKernelNode_v2(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                                 const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return add("cuGraphAddKernelNode_v2", node, graph, dependencies, count, [&](Call& call) {
    require(parameters != nullptr);
    return make_kernel(call, *parameters);
  });
}

CUresult cuGraphAddMemcpyNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                              const CUDA_MEMCPY3D* parameters, CUcontext) {
  return add("cuGraphAddMemcpyNode", node, graph, dependencies, count,
             [&](Call& call) { return make_copy(call, parameters); });
}

CUresult cuGraphAddMemsetNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                              const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext) {
  return add("cuGraphAddMemsetNode", node, graph, dependencies, count,
             [&](Call& call) { return make_fill(call, parameters); });
}

CUresult cuGraphAddHostNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                            const CUDA_HOST_NODE_PARAMS* parameters) {
  return add("cuGraphAddHostNode", node, graph, dependencies, count,
             [&](Call&) { return make_host_call(parameters); });
}

CUresult cuGraphAddEmptyNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count) {
  return add("cuGraphAddEmptyNode", node, graph, dependencies, count,
             [](Call&) { return std::make_shared<EmptyWork>(); });
}

CUresult cuGraphAddChildGraphNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                                  CUgraph child) {
  return add("cuGraphAddChildGraphNode", node, graph, dependencies, count, [&](Call& call) {
    require(child != graph);
    return std::make_shared<ChildGraphWork>(clone(call.driver, *graph_of(call, child)));
  });
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode node, CUgraph* graph) {
  return enter("cuGraphChildGraphNodeGetGraph", Needs::initialization, [&](Call& call) {
    require(graph != nullptr);
    *graph = reinterpret_cast<CUgraph>(&work_of<ChildGraphWork>(*node_of(call, node)->work).graph());
  });
}

CUresult cuGraphAddEventRecordNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies,
                                   std::size_t count, CUevent event) {
  return add("cuGraphAddEventRecordNode", node, graph, dependencies, count, [&](Call& call) {
    return std::make_shared<EventWork>(call.driver.events.get(event), true);
  });
}

CUresult cuGraphAddEventWaitNode(CUgraphNode* node, CUgraph graph, const CUgraphNode* dependencies, std::size_t count,
                                 CUevent event) {
  return add("cuGraphAddEventWaitNode", node, graph, dependencies, count, [&](Call& call) {
    return std::make_shared<EventWork>(call.driver.events.get(event), false);
  });
}

CUresult cuGraphAddDependencies(CUgraph handle, const CUgraphNode* from, const CUgraphNode* to, std::size_t count) {
  return enter("cuGraphAddDependencies", Needs::initialization, [&](Call& call) {
    require((from && to) || count == 0);
    const auto graph = graph_of(call, handle);
    for (std::size_t i = 0; i < count; ++i) {
      const auto before = node_of(call, from[i]);
      const auto after = node_of(call, to[i]);
      require(before->graph == graph.get() && after->graph == graph.get() && before != after);
      auto& known = after->dependencies;
      require(std::find(known.begin(), known.end(), from[i]) == known.end());
      known.push_back(from[i]);
    }
  });
}

CUresult cuGraphAddDependencies_v2(CUgraph graph, const CUgraphNode* from, const CUgraphNode* to,
                                   const CUgraphEdgeData* edges, std::size_t count) {
  return has_plain_edges(edges, count) ? cuGraphAddDependencies(graph, from, to, count) : CUDA_ERROR_NOT_SUPPORTED;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, std::size_t* count) {
  return enter("cuGraphGetNodes", Needs::initialization, [&](Call& call) {
    write_list(handles_of(*graph_of(call, graph), [](const GraphNode&) { return true; }), nodes, count);
  });
}

CUresult cuGraphGetRootNodes(CUgraph graph, CUgraphNode* nodes, std::size_t* count) {
  return enter("cuGraphGetRootNodes", Needs::initialization, [&](Call& call) {
    const auto is_root = [](const GraphNode& node) { return node.dependencies.empty(); };
    write_list(handles_of(*graph_of(call, graph), is_root), nodes, count);
  });
}

CUresult cuGraphGetEdges(CUgraph graph, CUgraphNode* from, CUgraphNode* to, std::size_t* count) {
  return enter("cuGraphGetEdges", Needs::initialization, [&](Call& call) {
    require(count && (from == nullptr) == (to == nullptr));
    std::vector<CUgraphNode> sources;
    std::vector<CUgraphNode> targets;
    for (const auto& node : graph_of(call, graph)->nodes)
      for (const CUgraphNode dependency : node->dependencies) {
        sources.push_back(dependency);
        targets.push_back(reinterpret_cast<CUgraphNode>(node.get()));
      }
    std::size_t room = *count;
    write_list(sources, from, count);
    write_list(targets, to, &room);
  });
}

CUresult cuGraphGetEdges_v2(CUgraph graph, CUgraphNode* from, CUgraphNode* to, CUgraphEdgeData* edges,
                            std::size_t* count) {
  return with_plain_edges(cuGraphGetEdges(graph, from, to, count), edges, count);
}

CUresult cuGraphNodeGetType(CUgraphNode node, CUgraphNodeType* type) {
  return enter("cuGraphNodeGetType", Needs::initialization, [&](Call& call) {
    require(type != nullptr);
    *type = node_of(call, node)->work->type();
  });
}

CUresult cuGraphNodeGetDependencies(CUgraphNode node, CUgraphNode* nodes, std::size_t* count) {
  return enter("cuGraphNodeGetDependencies", Needs::initialization,
               [&](Call& call) { write_list(node_of(call, node)->dependencies, nodes, count); });
}

CUresult cuGraphNodeGetDependencies_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges,
                                       std::size_t* count) {
  return with_plain_edges(cuGraphNodeGetDependencies(node, nodes, count), edges, count);
}

CUresult cuGraphNodeGetDependentNodes_v2(CUgraphNode node, CUgraphNode* nodes, CUgraphEdgeData* edges,
                                         std::size_t* count) {
  return with_plain_edges(cuGraphNodeGetDependentNodes(node, nodes, count), edges, count);
}

CUresult cuGraphNodeGetDependentNodes(CUgraphNode handle, CUgraphNode* nodes, std::size_t* count) {
  return enter("cuGraphNodeGetDependentNodes", Needs::initialization, [&](Call& call) {
    const auto depends = [&](const GraphNode& node) {
      return std::find(node.dependencies.begin(), node.dependencies.end(), handle) != node.dependencies.end();
    };
    write_list(handles_of(*node_of(call, handle)->graph, depends), nodes, count);
  });
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS_v1* parameters) {
  return enter("cuGraphKernelNodeGetParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    *parameters = narrow(work_of<KernelWork>(*node_of(call, node)->work).parameters());
  });
}

CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS* parameters) {
  return enter("cuGraphKernelNodeGetParams_v2", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    *parameters = work_of<KernelWork>(*node_of(call, node)->work).parameters();
  });
}

CUresult cuGraphKernelNodeSetParams(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS_v1* parameters) {
  return enter("cuGraphKernelNodeSetParams", [&](Call& call) {
    set_parameters(call, node, widen(parameters));
  });
}

CUresult cuGraphKernelNodeSetParams_v2(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return enter("cuGraphKernelNodeSetParams_v2", [&](Call& call) {
    require(parameters != nullptr);
    set_parameters(call, node, *parameters);
  });
}

CUresult cuGraphMemcpyNodeGetParams(CUgraphNode node, CUDA_MEMCPY3D* parameters) {
  return enter("cuGraphMemcpyNodeGetParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    *parameters = work_of<CopyWork>(*node_of(call, node)->work).parameters();
  });
}

CUresult cuGraphMemcpyNodeSetParams(CUgraphNode node, const CUDA_MEMCPY3D* parameters) {
  return enter("cuGraphMemcpyNodeSetParams",
               [&](Call& call) { set_work(*node_of(call, node), make_copy(call, parameters)); });
}

CUresult cuGraphMemsetNodeGetParams(CUgraphNode node, CUDA_MEMSET_NODE_PARAMS* parameters) {
  return enter("cuGraphMemsetNodeGetParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    *parameters = work_of<FillWork>(*node_of(call, node)->work).parameters();
  });
}

CUresult cuGraphMemsetNodeSetParams(CUgraphNode node, const CUDA_MEMSET_NODE_PARAMS* parameters) {
  return enter("cuGraphMemsetNodeSetParams",
               [&](Call& call) { set_work(*node_of(call, node), make_fill(call, parameters)); });
}

CUresult cuGraphHostNodeGetParams(CUgraphNode node, CUDA_HOST_NODE_PARAMS* parameters) {
  return enter("cuGraphHostNodeGetParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    *parameters = work_of<HostWork>(*node_of(call, node)->work).parameters();
  });
}

CUresult cuGraphHostNodeSetParams(CUgraphNode node, const CUDA_HOST_NODE_PARAMS* parameters) {
  return enter("cuGraphHostNodeSetParams",
               [&](Call& call) { set_work(*node_of(call, node), make_host_call(parameters)); });
}
