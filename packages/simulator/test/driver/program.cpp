// Programs in the plain style of the driver API, compiled against NVIDIA's cuda.h:  program SCENARIO PTX
// What they see is printed as `name=value`; a call that fails ends the program with the name of its result.
#include <cuda.h>
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

const char* name_of(CUresult result) {
  const char* name = nullptr;
  cuGetErrorName(result, &name);
  return name ? name : "?";
}

void check(CUresult result) {
  if (result == CUDA_SUCCESS) return;
  std::printf("failed=%s\n", name_of(result));
  std::exit(3);
}

void say(const char* name, const char* value) { std::printf("%s=%s\n", name, value); }
void say(const char* name, CUresult value) { say(name, name_of(value)); }
void say(const char* name, double value) { std::printf("%s=%.12g\n", name, value); }

constexpr int count = 1000;
constexpr std::size_t bytes = count * sizeof(float);
std::string ptx;

struct Session {
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUfunction add = nullptr;
  CUfunction scale = nullptr;
  Session() {
    check(cuInit(0));
    CUdevice device = 0;
    check(cuDeviceGet(&device, 0));
    check(cuDevicePrimaryCtxRetain(&context, device));
    check(cuCtxSetCurrent(context));
    check(cuModuleLoadData(&module, ptx.c_str()));
    check(cuModuleGetFunction(&add, module, "add"));
    check(cuModuleGetFunction(&scale, module, "scale"));
  }
};

CUdeviceptr allocate(std::size_t size = bytes) {
  CUdeviceptr address = 0;
  check(cuMemAlloc(&address, size));
  return address;
}

CUstream make_stream() {
  CUstream stream = nullptr;
  check(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  return stream;
}

float* pinned() {
  void* memory = nullptr;
  check(cuMemAllocHost(&memory, bytes));
  return static_cast<float*>(memory);
}

CUresult launch_add(const Session& session, CUdeviceptr a, CUdeviceptr b, CUdeviceptr c, int n, CUstream stream) {
  void* arguments[] = {&a, &b, &c, &n};
  return cuLaunchKernel(session.add, (count + 127) / 128, 1, 1, 128, 1, 1, 0, stream, arguments, nullptr);
}

CUresult launch_scale(const Session& session, CUdeviceptr x, float factor, CUstream stream, int n = count) {
  void* arguments[] = {&x, &factor, &n};
  return cuLaunchKernel(session.scale, (count + 127) / 128, 1, 1, 128, 1, 1, 0, stream, arguments, nullptr);
}

double sum_of(CUdeviceptr address) {
  std::vector<float> values(count);
  check(cuMemcpyDtoH(values.data(), address, bytes));
  double sum = 0;
  for (const float value : values) sum += value;
  return sum;
}

std::vector<float> ramp() {
  std::vector<float> values(count);
  for (int i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i);
  return values;
}

void vector_add() {
  Session session;
  const auto values = ramp();
  const CUdeviceptr a = allocate(), b = allocate(), c = allocate();
  check(cuMemcpyHtoD(a, values.data(), bytes));
  check(cuMemsetD32(b, 0x40000000, count));
  check(launch_add(session, a, b, c, count, nullptr));
  check(cuCtxSynchronize());
  say("sum", sum_of(c));
  CUdeviceptr table = 0;
  std::size_t size = 0;
  check(cuModuleGetGlobal(&table, &size, session.module, "table"));
  float entries[4];
  check(cuMemcpyDtoH(entries, table, sizeof entries));
  say("table", entries[3]);
  say("table_bytes", static_cast<double>(size));
  int threads = 0, registers = 0, blocks = 0;
  check(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, session.add));
  check(cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS, session.add));
  check(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, session.add, 128, 0));
  say("threads", threads);
  say("has_registers", registers > 0);
  say("blocks", blocks);
  for (const CUdeviceptr address : {a, b, c}) check(cuMemFree(address));
  say("freed_twice", cuMemFree(a));
  check(cuModuleUnload(session.module));
  std::size_t free = 0, total = 0;
  check(cuMemGetInfo(&free, &total));
  say("leaked", static_cast<double>(total - free));
  check(cuDevicePrimaryCtxRelease(0));
}

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

void virtual_memory() {
  Session session;
  CUmemAllocationProp properties{};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  std::size_t chunk = 0;
  check(cuMemGetAllocationGranularity(&chunk, &properties, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
  say("granularity", static_cast<double>(chunk));
  CUdeviceptr base = 0;
  check(cuMemAddressReserve(&base, 8 * chunk, 0, 0, 0));
  CUmemGenericAllocationHandle handles[2];
  for (int i = 0; i < 2; ++i) {
    check(cuMemCreate(&handles[i], chunk, &properties, 0));
    check(cuMemMap(base + static_cast<CUdeviceptr>(i) * chunk, chunk, 0, handles[i], 0));
    check(cuMemRelease(handles[i]));
  }
  say("before_access", cuMemsetD8(base, 1, 16));
  CUmemAccessDesc access{properties.location, CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
  check(cuMemSetAccess(base, 2 * chunk, &access, 1));
  const CUdeviceptr across = base + chunk - bytes / 2;
  check(cuMemsetD32(across, 0x40000000, count));
  check(launch_scale(session, across, 4, nullptr));
  check(cuCtxSynchronize());
  say("sum", sum_of(across));
  say("beyond", cuMemsetD8(base + 2 * chunk, 1, 16));
  std::size_t free = 0, total = 0;
  check(cuMemGetInfo(&free, &total));
  say("used", static_cast<double>((total - free) / chunk));
  check(cuMemUnmap(base + chunk, chunk));
  check(cuMemGetInfo(&free, &total));
  say("shrunk", static_cast<double>((total - free) / chunk));
  check(cuMemUnmap(base, chunk));
  check(cuMemAddressFree(base, 8 * chunk));
}

void out_of_memory() {
  Session session;
  CUdeviceptr small = 0, large = 0;
  check(cuMemAlloc(&small, 10 << 20));
  say("too_much", cuMemAlloc(&large, 60 << 20));
  CUmemAllocationProp properties{};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemGenericAllocationHandle handle = 0;
  say("too_much_physical", cuMemCreate(&handle, 64 << 20, &properties, 0));
  say("too_much_in_order", cuMemAllocAsync(&large, 60 << 20, nullptr));
  check(cuMemFree(small));
  say("afterwards", cuMemAlloc(&large, 60 << 20));
}

/// A copy on one stream, its use on another; with or without the event between.
void order(bool waits) {
  Session session;
  const CUstream copies = make_stream(), work = make_stream();
  float* host = pinned();
  for (int i = 0; i < count; ++i) host[i] = 1;
  const CUdeviceptr x = allocate();
  CUevent filled = nullptr;
  check(cuEventCreate(&filled, CU_EVENT_DISABLE_TIMING));
  check(cuMemcpyHtoDAsync(x, host, bytes, copies));
  if (waits) {
    check(cuEventRecord(filled, copies));
    check(cuStreamWaitEvent(work, filled, 0));
  }
  check(launch_scale(session, x, 2, work));
  check(cuStreamSynchronize(work));
  check(cuStreamSynchronize(copies));
  say("sum", sum_of(x));
}

/// The host has waited: that is as good as an event.
void order_by_host() {
  Session session;
  const CUstream copies = make_stream(), work = make_stream();
  const CUdeviceptr x = allocate();
  check(cuMemsetD32Async(x, 0x3f800000, count, copies));
  check(cuStreamSynchronize(copies));
  check(launch_scale(session, x, 2, work));
  check(cuStreamSynchronize(work));
  check(cuMemsetD32Async(x, 0x3f800000, count, copies));
  check(cuStreamSynchronize(copies));
}

/// Two branches of a graph that nothing orders use the same memory.
void order_in_graph() {
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

void overrun() {
  Session session;
  const CUdeviceptr x = allocate();
  check(cuMemsetD32(x, 0, count));
  check(launch_scale(session, x, 2, nullptr, count + 24));
  say("synchronize", cuCtxSynchronize());
  CUdeviceptr more = 0;
  say("afterwards", cuMemAlloc(&more, 16));
  check(cuDevicePrimaryCtxReset(0));
  check(cuDevicePrimaryCtxRetain(&session.context, 0));
  check(cuCtxSetCurrent(session.context));
  say("new_context", cuMemAlloc(&more, 16));
}

/// Runs three kernels on the first device, then one on the last, whatever becomes of the first.
void faults() {
  Session session;
  CUdeviceptr x = 0;
  CUresult result = cuMemAlloc(&x, bytes);
  say("first_allocation", result);
  if (result != CUDA_SUCCESS) check(cuMemAlloc(&x, bytes));
  say("fill", cuMemsetD32(x, 0, count));
  for (int i = 0; i < 3; ++i) {
    result = launch_scale(session, x, 2, nullptr);
    if (result == CUDA_SUCCESS) result = cuCtxSynchronize();
    std::printf("kernel_%d=%s\n", i + 1, name_of(result));
  }
  int devices = 0;
  check(cuDeviceGetCount(&devices));
  if (devices < 2) return;
  CUcontext other = nullptr;
  check(cuDevicePrimaryCtxRetain(&other, devices - 1));
  check(cuCtxSetCurrent(other));
  check(cuMemAlloc(&x, bytes));
  say("other_device", cuMemsetD32(x, 0, count));
}

void hang() {
  Session session;
  CUcontext own = nullptr;
  check(cuCtxCreate(&own, nullptr, 0, 0));
  CUmodule module = nullptr;
  CUfunction scale = nullptr;
  check(cuModuleLoadData(&module, ptx.c_str()));
  check(cuModuleGetFunction(&scale, module, "scale"));
  CUdeviceptr x = allocate();
  float factor = 2;
  int n = count;
  void* arguments[] = {&x, &factor, &n};
  CUevent end = nullptr;
  check(cuEventCreate(&end, CU_EVENT_DISABLE_TIMING));
  check(cuLaunchKernel(scale, 8, 1, 1, 128, 1, 1, 0, nullptr, arguments, nullptr));
  check(cuEventRecord(end, nullptr));
  for (int i = 0; i < 3; ++i) say("query", cuEventQuery(end));
  check(cuCtxDestroy(own));
  say("destroyed", "yes");
}

void symbols() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  say("by_name", dlsym(library, "cuMemCreate") ? "there" : "missing");
  say("other_by_name", dlsym(library, "cuMemMap") ? "there" : "missing");
  check(cuInit(0));
  const auto look_up = [](const char* name, int version) {
    void* function = nullptr;
    CUdriverProcAddressQueryResult status;
    check(cuGetProcAddress(name, &function, version, 0, &status));
    return status;
  };
  say("looked_up", look_up("cuMemCreate", 13000));
  say("other_looked_up", look_up("cuMemMap", 13000));
  say("for_old_program", look_up("cuMemMap", 10000));
  say("nonsense", look_up("cuNonsense", 13000));
  void* function = nullptr;
  check(cuGetProcAddress("cuMemAlloc", &function, 13000, 0, nullptr));
  say("newest", function == dlsym(library, "cuMemAlloc_v2") ? "v2" : "another");
  int version = 0;
  check(cuDriverGetVersion(&version));
  say("version", version);
}

void start() {
  say("init", cuInit(0));
  int devices = -1;
  say("count", cuDeviceGetCount(&devices));
}

void load() {
  check(cuInit(0));
  CUcontext context = nullptr;
  check(cuDevicePrimaryCtxRetain(&context, 0));
  check(cuCtxSetCurrent(context));
  char log[512];
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  CUmodule module = nullptr;
  say("load", cuModuleLoadDataEx(&module, ptx.c_str(), 2, options, values));
  say("log", log);
}

void host_calls() {
  Session session;
  const CUstream stream = make_stream();
  float* host = pinned();
  const CUdeviceptr x = allocate();
  check(cuMemsetD32Async(x, 0x40400000, count, stream));
  check(cuMemcpyDtoHAsync(host, x, bytes, stream));
  struct Seen {
    float* host;
    float value;
  } seen{host, 0};
  check(cuLaunchHostFunc(stream, [](void* data) {
    auto* to = static_cast<Seen*>(data);
    to->value = to->host[count - 1];
  }, &seen));
  check(cuStreamSynchronize(stream));
  say("seen", seen.value);
  CUevent start = nullptr, end = nullptr;
  check(cuEventCreate(&start, 0));
  check(cuEventCreate(&end, 0));
  check(cuEventRecord(start, stream));
  check(launch_scale(session, x, 2, stream));
  check(cuEventRecord(end, stream));
  check(cuEventSynchronize(end));
  float milliseconds = -1;
  check(cuEventElapsedTime(&milliseconds, start, end));
  say("elapsed", milliseconds >= 0 ? "some" : "none");
  // A box out of the middle of another.
  float to[2][3] = {};
  CUDA_MEMCPY2D box{};
  box.srcMemoryType = CU_MEMORYTYPE_DEVICE;
  box.srcDevice = x;
  box.srcPitch = 10 * sizeof(float);
  box.srcXInBytes = 4 * sizeof(float);
  box.dstMemoryType = CU_MEMORYTYPE_HOST;
  box.dstHost = to;
  box.dstPitch = 3 * sizeof(float);
  box.WidthInBytes = 2 * sizeof(float);
  box.Height = 2;
  check(cuMemcpy2D(&box));
  say("box", to[0][0] + to[0][1] + to[1][0] + to[1][1] + to[0][2]);
  CUdeviceptr pooled = 0;
  check(cuMemAllocAsync(&pooled, bytes, stream));
  check(cuMemsetD32Async(pooled, 0, count, stream));
  check(cuMemFreeAsync(pooled, stream));
  check(cuStreamSynchronize(stream));
  say("freed", cuMemsetD32(pooled, 0, count));
}

void peers() {
  Session session;
  const CUdeviceptr near = allocate();
  check(cuMemsetD32(near, 0x3f800000, count));
  CUcontext other = nullptr;
  check(cuDevicePrimaryCtxRetain(&other, 1));
  check(cuCtxSetCurrent(other));
  const CUdeviceptr far = allocate();
  check(cuMemcpyPeer(far, other, near, session.context, bytes));
  say("sum", sum_of(far));
  char name[100];
  check(cuDeviceGetName(name, sizeof name, 1));
  say("name", name);
  std::size_t total = 0;
  check(cuDeviceTotalMem(&total, 1));
  say("memory", static_cast<double>(total));
  int major = 0, processors = 0;
  check(cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 1));
  check(cuDeviceGetAttribute(&processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 1));
  say("major", major);
  say("multiprocessors", processors);
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) return 2;
  std::ifstream file(arguments[2], std::ios::binary);
  ptx.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  const std::map<std::string, std::function<void()>> scenarios{
      {"vector-add", vector_add},
      {"capture", capture},
      {"virtual-memory", virtual_memory},
      {"out-of-memory", out_of_memory},
      {"not-waited-for", [] { order(false); }},
      {"waited-for", [] { order(true); }},
      {"waited-for-by-host", order_by_host},
      {"not-waited-for-in-graph", order_in_graph},
      {"overrun", overrun},
      {"faults", faults},
      {"hang", hang},
      {"symbols", symbols},
      {"start", start},
      {"load", load},
      {"host-calls", host_calls},
      {"peers", peers},
  };
  scenarios.at(arguments[1])();
  return 0;
}
