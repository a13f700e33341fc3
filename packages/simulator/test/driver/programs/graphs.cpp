// Graphs are captured and built node by node.
#include "program.h"

namespace {

/// A graph captured over two streams, replayed, patched, replayed.
void capture() {
  Session session;
  const CUdeviceptr a = allocate(), b = allocate(), c = allocate();
  const CUstream first = make_stream(), second = make_stream();
  CUevent fork = nullptr, join = nullptr;
  check(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
  check(cuEventCreate(&join, CU_EVENT_DISABLE_TIMING));
  check(cuStreamBeginCapture(first, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  check(cuMemsetD32Async(a, 0x3f800000, count, first));
  check(cuEventRecord(fork, first));
  check(cuStreamWaitEvent(second, fork, 0));
  check(cuMemsetD32Async(b, 0x40000000, count, second));
  check(launch_scale(session, b, 3, second));
  check(cuEventRecord(join, second));
  check(launch_scale(session, a, 5, first));
  check(cuStreamWaitEvent(first, join, 0));
  check(launch_add(session, a, b, c, count, first));
  CUgraph graph = nullptr;
  check(cuStreamEndCapture(first, &graph));
  std::size_t nodes = 0, edges = 0;
  check(cuGraphGetNodes(graph, nullptr, &nodes));
  check(cuGraphGetEdges(graph, nullptr, nullptr, nullptr, &edges));
  say("nodes", static_cast<double>(nodes));
  say("edges", static_cast<double>(edges));
  CUgraphExec executable = nullptr;
  check(cuGraphInstantiate(&executable, graph, 0));
  check(cuGraphLaunch(executable, first));
  check(cuGraphLaunch(executable, first));
  check(cuStreamSynchronize(first));
  say("replayed", sum_of(c));

  std::vector<CUgraphNode> list(nodes);
  check(cuGraphGetNodes(graph, list.data(), &nodes));
  for (const CUgraphNode node : list) {
    CUgraphNodeType type;
    check(cuGraphNodeGetType(node, &type));
    if (type != CU_GRAPH_NODE_TYPE_KERNEL) continue;
    CUDA_KERNEL_NODE_PARAMS parameters{};
    check(cuGraphKernelNodeGetParams(node, &parameters));
    if (parameters.func != session.scale || *static_cast<float*>(parameters.kernelParams[1]) != 5) continue;
    float factor = 7;
    void* arguments[] = {parameters.kernelParams[0], &factor, parameters.kernelParams[2]};
    parameters.kernelParams = arguments;
    check(cuGraphExecKernelNodeSetParams(executable, node, &parameters));
  }
  check(cuGraphLaunch(executable, first));
  check(cuStreamSynchronize(first));
  say("patched", sum_of(c));
  check(cuStreamBeginCapture(first, CU_STREAM_CAPTURE_MODE_RELAXED));
  say("launch", cuGraphLaunch(executable, first));
  CUgraph empty = nullptr;
  check(cuStreamEndCapture(first, &empty));
  check(cuGraphExecDestroy(executable));
  check(cuGraphDestroy(graph));

  check(cuStreamBeginCapture(first, CU_STREAM_CAPTURE_MODE_GLOBAL));
  CUdeviceptr refused = 0;
  say("allocation", cuMemAlloc(&refused, 16));
  say("end", cuStreamEndCapture(first, &graph));
  check(cuStreamBeginCapture(first, CU_STREAM_CAPTURE_MODE_RELAXED));
  check(cuEventRecord(fork, first));
  check(cuStreamWaitEvent(second, fork, 0));
  check(launch_scale(session, b, 3, second));
  say("unjoined", cuStreamEndCapture(first, &graph));
  check(cuCtxSynchronize());
}

/// What is captured as the middle of a graph, replayed; then captured anew with other memory, which patches it in place.
void child_graph() {
  Session session;
  const CUdeviceptr a = allocate(), b = allocate(), c = allocate();
  const CUstream stream = make_stream();
  const auto middle = [&](CUdeviceptr from, float factor) {
    CUgraph captured = nullptr;
    check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
    check(launch_scale(session, from, factor, stream));
    check(launch_add(session, from, from, c, count, stream));
    check(cuStreamEndCapture(stream, &captured));
    return captured;
  };
  CUgraph graph = nullptr;
  CUgraphNode fill = nullptr, child = nullptr, end = nullptr;
  check(cuGraphCreate(&graph, 0));
  CUDA_MEMSET_NODE_PARAMS filled{a, 0, 0x3f800000, 4, count, 1};
  check(cuGraphAddMemsetNode(&fill, graph, nullptr, 0, &filled, session.context));
  const CUgraph captured = middle(a, 3);
  check(cuGraphAddChildGraphNode(&child, graph, &fill, 1, captured));
  check(cuGraphDestroy(captured));
  CUdeviceptr from = c;
  float factor = 2;
  int n = count;
  void* arguments[] = {&from, &factor, &n};
  CUDA_KERNEL_NODE_PARAMS scaled{session.scale, 8, 1, 1, 128, 1, 1, 0, arguments, nullptr, nullptr, nullptr};
  check(cuGraphAddKernelNode(&end, graph, &child, 1, &scaled));
  CUgraph inner = nullptr;
  std::size_t nodes = 0;
  check(cuGraphChildGraphNodeGetGraph(child, &inner));
  check(cuGraphGetNodes(inner, nullptr, &nodes));
  say("nodes", static_cast<double>(nodes));
  CUgraphExec executable = nullptr;
  check(cuGraphInstantiate(&executable, graph, 0));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("replayed", sum_of(c));

  check(cuMemsetD32Async(b, 0x40000000, count, stream));
  const CUgraph other = middle(b, 5);
  check(cuGraphExecChildGraphNodeSetParams(executable, child, other));
  check(cuGraphDestroy(other));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("patched", sum_of(c));

  CUgraph shorter = nullptr;
  check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
  check(launch_scale(session, a, 3, stream));
  check(cuStreamEndCapture(stream, &shorter));
  say("other form", cuGraphExecChildGraphNodeSetParams(executable, child, shorter));
  check(cuGraphExecDestroy(executable));
  check(cuGraphDestroy(shorter));
  check(cuGraphDestroy(graph));
  say("gone", cuGraphDestroy(inner));
}

/// Two branches of a graph that nothing orders use the same memory.
void not_waited_for() {
  Session session;
  const CUdeviceptr x = allocate();
  CUgraph graph = nullptr;
  CUgraphNode fill = nullptr, scale = nullptr;
  CUgraphExec executable = nullptr;
  check(cuGraphCreate(&graph, 0));
  CUDA_MEMSET_NODE_PARAMS filled{x, 0, 0x3f800000, 4, count, 1};
  check(cuGraphAddMemsetNode(&fill, graph, nullptr, 0, &filled, session.context));
  CUdeviceptr address = x;
  float factor = 2;
  int n = count;
  void* arguments[] = {&address, &factor, &n};
  CUDA_KERNEL_NODE_PARAMS scaled{session.scale, 8, 1, 1, 128, 1, 1, 0, arguments, nullptr, nullptr, nullptr};
  check(cuGraphAddKernelNode(&scale, graph, nullptr, 0, &scaled));
  check(cuGraphInstantiate(&executable, graph, 0));
  check(cuGraphLaunch(executable, nullptr));
  check(cuCtxSynchronize());
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"capture", capture},
                       {"child-graph", child_graph},
                       {"not-waited-for", not_waited_for}});
}
