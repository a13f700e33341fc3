// Nodes of graphs take memory and give it back.
#include "program.h"

namespace {

CUgraphExec instantiate(CUgraph graph, unsigned long long flags = 0) {
  CUgraphExec executable = nullptr;
  check(cuGraphInstantiate(&executable, graph, flags));
  return executable;
}

CUgraph new_graph() {
  CUgraph graph = nullptr;
  check(cuGraphCreate(&graph, 0));
  return graph;
}

CUgraphNode add_allocation(CUgraph graph, CUdeviceptr& address) {
  CUDA_MEM_ALLOC_NODE_PARAMS parameters{};
  parameters.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  parameters.poolProps.location = {CU_MEM_LOCATION_TYPE_DEVICE, {0}};
  parameters.bytesize = bytes;
  CUgraphNode node = nullptr;
  check(cuGraphAddMemAllocNode(&node, graph, nullptr, 0, &parameters));
  address = parameters.dptr;
  return node;
}

CUgraphNode add_fill(CUgraph graph, CUdeviceptr address, const CUgraphNode* after) {
  CUcontext context = nullptr;
  check(cuCtxGetCurrent(&context));
  CUDA_MEMSET_NODE_PARAMS fill{address, 0, 0x40000000, 4, count, 1};
  CUgraphNode node = nullptr;
  check(cuGraphAddMemsetNode(&node, graph, after, after ? 1 : 0, &fill, context));
  return node;
}

CUgraphNode add_scale(const Session& session, CUgraph graph, CUdeviceptr address, CUgraphNode after) {
  float factor = 3;
  int n = count;
  void* arguments[] = {&address, &factor, &n};
  CUDA_KERNEL_NODE_PARAMS kernel{};
  kernel.func = session.scale;
  kernel.gridDimX = (count + 127) / 128;
  kernel.gridDimY = kernel.gridDimZ = 1;
  kernel.blockDimX = 128;
  kernel.blockDimY = kernel.blockDimZ = 1;
  kernel.kernelParams = arguments;
  CUgraphNode node = nullptr;
  check(cuGraphAddKernelNode(&node, graph, &after, 1, &kernel));
  return node;
}

/// A graph that takes memory, fills it with twos, and keeps it.
CUgraph keeping(CUdeviceptr& address, CUgraphNode* last = nullptr) {
  CUgraph graph = new_graph();
  const CUgraphNode allocation = add_allocation(graph, address);
  const CUgraphNode fill = add_fill(graph, address, &allocation);
  if (last) *last = fill;
  return graph;
}

void say_used(const char* name, CUgraphMem_attribute attribute) {
  cuuint64_t value = 0;
  check(cuDeviceGetGraphMemAttribute(0, attribute, &value));
  say(name, static_cast<double>(value));
}

/// Temporary memory of a captured stream, in three launches that follow one another.
void capture() {
  Session session;
  const CUdeviceptr a = allocate(), c = allocate();
  const CUstream stream = make_stream();
  std::size_t before = 0, after = 0, total = 0;
  check(cuMemGetInfo(&before, &total));
  check(cuMemsetD32Async(a, 0x3f800000, count, stream));
  check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  CUdeviceptr temporary = 0;
  check(cuMemAllocAsync(&temporary, bytes, stream));
  check(cuMemsetD32Async(temporary, 0x40000000, count, stream));
  check(launch_scale(session, temporary, 3, stream));
  check(launch_add(session, a, temporary, c, count, stream));
  check(cuMemFreeAsync(temporary, stream));
  CUgraph graph = nullptr;
  check(cuStreamEndCapture(stream, &graph));
  const CUgraphExec executable = instantiate(graph);
  check(cuMemGetInfo(&after, &total));
  say("taken by the graph itself", static_cast<double>(before - after));
  for (int i = 0; i < 3; ++i) check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("sum", sum_of(c));
  say_used("used", CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT);
  say_used("used at most", CU_GRAPH_MEM_ATTR_USED_MEM_HIGH);
  check(cuMemGetInfo(&after, &total));
  say("left", static_cast<double>(before - after));
  say("outside", cuMemFreeAsync(temporary, stream));
}

/// Memory that outlives the launch, and the ways in which it is freed.
void keep() {
  Session session;
  const CUstream stream = make_stream();
  CUdeviceptr address = 0;
  const CUgraph graph = keeping(address);
  const CUgraphExec executable = instantiate(graph);
  check(cuGraphLaunch(executable, stream));
  check(launch_scale(session, address, 5, stream));
  check(cuStreamSynchronize(stream));
  say("kept", sum_of(address));
  say_used("used", CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT);
  say("again", cuGraphLaunch(executable, stream));
  check(cuMemFreeAsync(address, stream));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("anew", sum_of(address));
  check(cuMemFree(address));
  check(cuGraphLaunch(executable, stream));

  const CUgraph other = new_graph();
  CUgraphNode node = nullptr;
  check(cuGraphAddMemFreeNode(&node, other, nullptr, 0, address));
  CUdeviceptr freed = 0;
  check(cuGraphMemFreeNodeGetParams(node, &freed));
  say("same address", freed == address);
  const CUgraphExec freeing = instantiate(other);
  check(cuGraphLaunch(freeing, stream));
  say("freed twice", cuGraphLaunch(freeing, stream));
  check(cuStreamSynchronize(stream));
  say_used("used at the end", CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT);

  check(cuGraphExecDestroy(executable));
  const CUgraphExec automatic = instantiate(graph, CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH);
  for (int i = 0; i < 3; ++i) check(cuGraphLaunch(automatic, stream));
  check(cuStreamSynchronize(stream));
  say("automatically", sum_of(address));
  check(cuMemFree(address));
}

void refuse() {
  Session session;
  const CUstream stream = make_stream();
  CUdeviceptr address = 0;
  CUgraphNode last = nullptr, node = nullptr;
  const CUgraph graph = keeping(address, &last), other = new_graph();
  CUgraph copy = nullptr;
  say("clone", cuGraphClone(&copy, graph));
  say("child", cuGraphAddChildGraphNode(&node, other, nullptr, 0, graph));
  const CUgraphExec first = instantiate(graph);
  CUgraphExec second = nullptr;
  say("second", cuGraphInstantiate(&second, graph, 0));
  check(cuGraphExecDestroy(first));
  say("plain memory", cuGraphAddMemFreeNode(&node, graph, &last, 1, allocate()));
  check(cuGraphAddMemFreeNode(&node, graph, &last, 1, address));
  say("twice", cuGraphAddMemFreeNode(&node, graph, &last, 1, address));
  say("elsewhere", cuGraphAddMemFreeNode(&node, other, nullptr, 0, address));
  check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
  say("captured", cuMemFreeAsync(allocate(), stream));
}

/// More than the device has: launches are refused until there is room.
void shortage() {
  Session session;
  const CUstream stream = make_stream();
  std::size_t free = 0, total = 0;
  check(cuMemGetInfo(&free, &total));
  const CUdeviceptr most = allocate(free - bytes - 512);
  CUdeviceptr one = 0, two = 0;
  const CUgraph graph = new_graph();
  const CUgraphNode first = add_allocation(graph, one);
  add_fill(graph, one, &first);
  const CUgraphNode second = add_allocation(graph, two);
  add_fill(graph, two, &second);
  const CUgraphExec executable = instantiate(graph);
  say("launch", cuGraphLaunch(executable, stream));
  say_used("used", CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT);
  check(cuMemFree(most));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("later", sum_of(two));
}

void use_after_free() {
  Session session;
  CUdeviceptr address = 0;
  CUgraphNode last = nullptr, node = nullptr;
  const CUgraph graph = keeping(address, &last);
  check(cuGraphAddMemFreeNode(&node, graph, &last, 1, address));
  add_scale(session, graph, address, node);
  check(cuGraphLaunch(instantiate(graph), nullptr));
  say("end", cuCtxSynchronize());
}

void use_before_allocation() {
  Session session;
  CUdeviceptr address = 0;
  const CUgraph graph = new_graph();
  add_allocation(graph, address);
  add_fill(graph, address, nullptr);
  check(cuGraphLaunch(instantiate(graph), nullptr));
  say("end", cuCtxSynchronize());
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"capture", capture},
                       {"keep", keep},
                       {"refuse", refuse},
                       {"shortage", shortage},
                       {"use-after-free", use_after_free},
                       {"use-before-allocation", use_before_allocation}});
}
