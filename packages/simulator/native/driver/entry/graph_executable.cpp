// Graphs made ready: launches, and patches between launches.
#include <algorithm>

#include "../call.h"
#include "../graph.h"
#include "../graph_memory.h"
#include "../graph_parameters.h"

using namespace halyard::simulator;

namespace {

void instantiate_as(Call& call, CUgraphExec* handle, CUgraph graph, unsigned long long flags = 0) {
  require(handle != nullptr);
  *handle = nullptr;
  auto executable = instantiate(call.driver, *call.driver.graphs.get(graph, CUDA_ERROR_INVALID_VALUE));
  executable->frees_on_launch = flags & CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH;
  *handle = call.driver.executables.add(std::move(executable));
}

std::shared_ptr<GraphExecutable> executable_of(Call& call, CUgraphExec handle) {
  return call.driver.executables.get(handle, CUDA_ERROR_INVALID_VALUE);
}

/// Changes what a node does in launches to come; those that were submitted keep what they have.
CUresult patch(const char* function, CUgraphExec handle, CUgraphNode node, auto make) {
  return enter(function, [&](Call& call) {
    GraphExecutable::Item& item = executable_of(call, handle)->find(node);
    set_work(item, make(call, item));
  });
}

/// A patched kernel may be another function, but not of another context.
std::shared_ptr<KernelWork> make_same_kernel(Call& call, const GraphExecutable::Item& item,
                                             const CUDA_KERNEL_NODE_PARAMS& parameters) {
  const auto& before = work_of<KernelWork>(*item.work);
  auto work = make_kernel(call, parameters, before.asked_cluster());
  require(work->function().context == before.function().context);
  return work;
}

/// Where in its graph each node is that a node depends on.
std::vector<std::size_t> dependency_places(const Graph& graph, const GraphNode& node) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto handle = reinterpret_cast<CUgraphNode>(graph.nodes[i].get());
    if (std::find(node.dependencies.begin(), node.dependencies.end(), handle) != node.dependencies.end())
      places.push_back(i);
  }
  return places;
}

/// A graph may take another's place that has the same kinds of nodes, added in the same order, with the same edges.
void require_same_form(const Graph& known, const Graph& other) {
  require(known.nodes.size() == other.nodes.size());
  for (std::size_t i = 0; i < known.nodes.size(); ++i) {
    const GraphNode& before = *known.nodes[i];
    const GraphNode& after = *other.nodes[i];
    require(before.work->type() == after.work->type() && before.context == after.context);
    require(dependency_places(known, before) == dependency_places(other, after));
    if (const auto* child = dynamic_cast<const ChildGraphWork*>(before.work.get()))
      require_same_form(child->graph(), work_of<ChildGraphWork>(*after.work).graph());
  }
}

void patch_child(GraphExecutable& executable, const Graph& known, const Graph& other) {
  for (std::size_t i = 0; i < known.nodes.size(); ++i) {
    const auto handle = reinterpret_cast<CUgraphNode>(known.nodes[i].get());
    if (const auto* child = dynamic_cast<const ChildGraphWork*>(known.nodes[i]->work.get()))
      patch_child(executable, child->graph(), work_of<ChildGraphWork>(*other.nodes[i]->work).graph());
    else
      set_work(executable.find(handle), other.nodes[i]->work);
  }
}

}  // namespace

CUresult cuGraphInstantiate_v2(CUgraphExec* handle, CUgraph graph, CUgraphNode* error_node, char* log,
                               std::size_t log_bytes) {
  return enter("cuGraphInstantiate_v2", Needs::initialization, [&](Call& call) {
    if (error_node) *error_node = nullptr;
    if (log && log_bytes > 0) *log = '\0';
    instantiate_as(call, handle, graph);
  });
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* handle, CUgraph graph, unsigned long long flags) {
  return enter("cuGraphInstantiateWithFlags", Needs::initialization,
               [&](Call& call) { instantiate_as(call, handle, graph, flags); });
}

CUresult cuGraphInstantiateWithParams(CUgraphExec* handle, CUgraph graph, CUDA_GRAPH_INSTANTIATE_PARAMS* parameters) {
  return enter("cuGraphInstantiateWithParams", Needs::initialization, [&](Call& call) {
    require(parameters != nullptr);
    parameters->hErrNode_out = nullptr;
    parameters->result_out = CUDA_GRAPH_INSTANTIATE_ERROR;
    instantiate_as(call, handle, graph, parameters->flags);
    parameters->result_out = CUDA_GRAPH_INSTANTIATE_SUCCESS;
  });
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return enter("cuGraphExecDestroy", Needs::initialization, [&](Call& call) {
    const auto executable = executable_of(call, handle);
    // Launches that were submitted go on; their branches' lanes are taken again once they are done.
    if (!executable->last || executable->last->is_done)
      call.driver.free_lanes.insert(call.driver.free_lanes.end(), executable->lanes.begin(), executable->lanes.end());
    call.driver.executables.remove(handle);
  });
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
  return enter("cuGraphLaunch", [&](Call& call) {
    const auto executable = executable_of(call, handle);
    const auto stream = call.stream(stream_handle);
    if (stream->capture) {
      call.driver.report.find({"not-simulated", call.device().ordinal, "cuGraphLaunch in a captured stream", 0, 0,
                               "graphs launched into a capture are not simulated: add a node with the graph instead"});
      fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    }
    take_graph_memory(call, *executable, *stream);
    launch_graph(call.driver, *executable, *stream);
  });
}

CUresult cuGraphUpload(CUgraphExec handle, CUstream stream) {
  return enter("cuGraphUpload", [&](Call& call) {
    executable_of(call, handle);
    submit(call.driver, *call.stream(stream), nullptr);
  });
}

CUresult cuGraphExecKernelNodeSetParams(CUgraphExec handle, CUgraphNode node,
                                        const CUDA_KERNEL_NODE_PARAMS_v1* parameters) {
  return patch("cuGraphExecKernelNodeSetParams", handle, node, [&](Call& call, const auto& item) {
    return make_same_kernel(call, item, widen(parameters));
  });
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode node,
                                           const CUDA_KERNEL_NODE_PARAMS* parameters) {
  return patch("cuGraphExecKernelNodeSetParams_v2", handle, node, [&](Call& call, const auto& item) {
    require(parameters != nullptr);
    return make_same_kernel(call, item, *parameters);
  });
}

CUresult cuGraphExecMemcpyNodeSetParams(CUgraphExec handle, CUgraphNode node, const CUDA_MEMCPY3D* parameters,
                                        CUcontext) {
  return patch("cuGraphExecMemcpyNodeSetParams", handle, node,
               [&](Call& call, const auto&) { return make_copy(call, parameters); });
}

CUresult cuGraphExecMemsetNodeSetParams(CUgraphExec handle, CUgraphNode node,
                                        const CUDA_MEMSET_NODE_PARAMS* parameters, CUcontext) {
  return patch("cuGraphExecMemsetNodeSetParams", handle, node,
               [&](Call& call, const auto&) { return make_fill(call, parameters); });
}

CUresult cuGraphExecHostNodeSetParams(CUgraphExec handle, CUgraphNode node, const CUDA_HOST_NODE_PARAMS* parameters) {
  return patch("cuGraphExecHostNodeSetParams", handle, node,
               [&](Call&, const auto&) { return make_host_call(parameters); });
}

CUresult cuGraphExecChildGraphNodeSetParams(CUgraphExec handle, CUgraphNode node, CUgraph child) {
  return enter("cuGraphExecChildGraphNodeSetParams", [&](Call& call) {
    const auto executable = executable_of(call, handle);
    const auto graph = call.driver.graphs.get(child, CUDA_ERROR_INVALID_VALUE);
    const auto& known = work_of<ChildGraphWork>(*executable->find(node).work).graph();
    require_same_form(known, *graph);
    patch_child(*executable, known, *graph);
  });
}

CUresult cuGraphNodeSetEnabled(CUgraphExec handle, CUgraphNode node, unsigned is_enabled) {
  return enter("cuGraphNodeSetEnabled", Needs::initialization, [&](Call& call) {
    GraphExecutable::Item& item = executable_of(call, handle)->find(node);
    const CUgraphNodeType type = item.work->type();
    require(type == CU_GRAPH_NODE_TYPE_KERNEL || type == CU_GRAPH_NODE_TYPE_MEMCPY ||
            type == CU_GRAPH_NODE_TYPE_MEMSET);
    item.is_enabled = is_enabled != 0;
  });
}

CUresult cuGraphNodeGetEnabled(CUgraphExec handle, CUgraphNode node, unsigned* is_enabled) {
  return enter("cuGraphNodeGetEnabled", Needs::initialization, [&](Call& call) {
    require(is_enabled != nullptr);
    *is_enabled = executable_of(call, handle)->find(node).is_enabled;
  });
}
