// Kernels are launched in clusters: as they require, as an attribute of the launch asks, and replayed from a graph.
#include "program.h"

namespace {

constexpr unsigned blocks = 8, threads = 32;

struct Kernels {
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUfunction asked = nullptr, required = nullptr;
  CUdeviceptr out = 0;
  Kernels() {
    check(cuInit(0));
    check(cuDevicePrimaryCtxRetain(&context, 0));
    check(cuCtxSetCurrent(context));
    check(cuModuleLoadData(&module, ptx.c_str()));
    check(cuModuleGetFunction(&asked, module, "exchange"));
    check(cuModuleGetFunction(&required, module, "exchange_in_fours"));
    out = allocate(blocks * threads * sizeof(float));
  }

  CUresult launch(CUfunction function, unsigned cluster, float factor, CUstream stream, unsigned grid = blocks) {
    CUlaunchAttribute attribute{};
    attribute.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
    attribute.value.clusterDim = {cluster, 1, 1};
    CUlaunchConfig config{};
    config.gridDimX = grid;
    config.gridDimY = config.gridDimZ = config.blockDimY = config.blockDimZ = 1;
    config.blockDimX = threads;
    config.hStream = stream;
    config.attrs = &attribute;
    config.numAttrs = cluster == 0 ? 0 : 1;
    void* arguments[] = {&out, &factor};
    return cuLaunchKernelEx(&config, function, arguments, nullptr);
  }

  /// What the first thread of each block was told by the next block of its cluster, as digits.
  double seen() {
    std::vector<float> values(blocks * threads);
    check(cuMemcpyDtoH(values.data(), out, values.size() * sizeof(float)));
    double digits = 0;
    for (unsigned block = 0; block < blocks; ++block) digits = 10 * digits + values[block * threads];
    return digits;
  }
};

void launches() {
  Kernels kernels;
  for (const unsigned cluster : {0, 2, 4}) {
    check(kernels.launch(kernels.asked, cluster, 1, nullptr));
    say(("asked_" + std::to_string(cluster)).c_str(), kernels.seen());
  }
  check(kernels.launch(kernels.required, 0, 1, nullptr));
  say("required", kernels.seen());
  say("another", kernels.launch(kernels.required, 2, 1, nullptr));
  say("no_multiple", kernels.launch(kernels.asked, 3, 1, nullptr));
  say("too_many", kernels.launch(kernels.asked, 16, 1, nullptr, 16));
  int must = 0, width = 0;
  check(cuFuncGetAttribute(&must, CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET, kernels.required));
  check(cuFuncGetAttribute(&width, CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH, kernels.required));
  say("must_be_set", must);
  say("width", width);
}

void graph() {
  Kernels kernels;
  const CUstream stream = make_stream();
  check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  check(kernels.launch(kernels.asked, 2, 1, stream));
  CUgraph graph = nullptr;
  check(cuStreamEndCapture(stream, &graph));
  CUgraphExec executable = nullptr;
  check(cuGraphInstantiate(&executable, graph, 0));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("replayed", kernels.seen());
  CUgraphNode node = nullptr;
  std::size_t nodes = 1;
  check(cuGraphGetNodes(graph, &node, &nodes));
  CUDA_KERNEL_NODE_PARAMS parameters{};
  check(cuGraphKernelNodeGetParams(node, &parameters));
  float factor = 2;
  void* arguments[] = {parameters.kernelParams[0], &factor};
  parameters.kernelParams = arguments;
  check(cuGraphExecKernelNodeSetParams(executable, node, &parameters));
  check(cuGraphLaunch(executable, stream));
  check(cuStreamSynchronize(stream));
  say("patched", kernels.seen());
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments, {{"launches", launches}, {"graph", graph}});
}
