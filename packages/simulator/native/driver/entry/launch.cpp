// Launches of kernels, and how many blocks fit.
#include <algorithm>

#include "../call.h"
#include "../kernel_work.h"
#include "../launch_handle.h"

using namespace halyard::simulator;

namespace {

struct Attributes {
  Dimensions cluster;
  bool is_cooperative = false;
};

Attributes attributes_of(const CUlaunchConfig& config) {
  Attributes result;
  require(config.attrs || config.numAttrs == 0);
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const CUlaunchAttribute& attribute = config.attrs[i];
    if (attribute.id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) result.is_cooperative = attribute.value.cooperative != 0;
    if (attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION)
      result.cluster = {attribute.value.clusterDim.x, attribute.value.clusterDim.y, attribute.value.clusterDim.z};
    // The others, a stream's serialization among them, change when a kernel runs but not what it may rely upon.
  }
  return result;
}

void launch_kernel(Call& call, const CUDA_KERNEL_NODE_PARAMS& parameters, const Attributes& attributes,
                   CUstream handle) {
  const auto stream = call.stream(handle);
  const auto function = function_of(call, parameters.func);
  require(function->context == stream->context, CUDA_ERROR_INVALID_HANDLE);
  submit(call.driver, *stream,
         std::make_shared<KernelWork>(function, parameters, attributes.cluster, attributes.is_cooperative));
}

CUresult active_blocks_of(const char* name, int* blocks, CUfunction handle, int block_size, std::size_t bytes) {
  return enter(name, [&](Call& call) {
    require(blocks && block_size > 0);
    *blocks = active_blocks(*function_of(call, handle), block_size, bytes);
  });
}

CUresult best_block_size(const char* name, int* grid, int* block, CUfunction handle, CUoccupancyB2DSize bytes_of,
                         std::size_t bytes, int limit) {
  return enter(name, [&](Call& call) {
    require(grid && block);
    const auto function = function_of(call, handle);
    int most = function->kernel->maximum_threads ? static_cast<int>(function->kernel->maximum_threads) : 1024;
    if (limit > 0) most = std::min(most, limit);
    int best_threads = -1;
    for (int size = most / 32 * 32; size > 0; size -= 32) {
      const int blocks = active_blocks(*function, size, bytes_of ? bytes_of(size) : bytes);
      if (blocks * size <= best_threads) continue;
      best_threads = blocks * size;
      *block = size;
      *grid = blocks * call.device().properties.multiprocessors;
    }
    require(best_threads > 0);
  });
}

}  // namespace

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream, void** arguments,
                        void** extra) {
  return enter("cuLaunchKernel", [&](Call& call) {
    launch_kernel(call,
                  {function, grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes, arguments, extra, nullptr,
                   nullptr},
                  {}, stream);
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  return enter("cuLaunchKernelEx", [&](Call& call) {
    require(config != nullptr);
    launch_kernel(call,
                  {function, config->gridDimX, config->gridDimY, config->gridDimZ, config->blockDimX,
                   config->blockDimY, config->blockDimZ, config->sharedMemBytes, arguments, extra, nullptr, nullptr},
                  attributes_of(*config), config->hStream);
  });
}

CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                   CUstream stream, void** arguments) {
  return enter("cuLaunchCooperativeKernel", [&](Call& call) {
    launch_kernel(call,
                  {function, grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes, arguments, nullptr,
                   nullptr, nullptr},
                  {{}, true}, stream);
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int block_size,
                                                     std::size_t bytes) {
  return active_blocks_of("cuOccupancyMaxActiveBlocksPerMultiprocessor", blocks, function, block_size, bytes);
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function, int block_size,
                                                              std::size_t bytes, unsigned) {
  return active_blocks_of("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", blocks, function, block_size, bytes);
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction function, CUoccupancyB2DSize bytes_of,
                                          std::size_t bytes, int limit) {
  return best_block_size("cuOccupancyMaxPotentialBlockSize", grid, block, function, bytes_of, bytes, limit);
}

CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* block, CUfunction function,
                                                   CUoccupancyB2DSize bytes_of, std::size_t bytes, int limit,
                                                   unsigned) {
  return best_block_size("cuOccupancyMaxPotentialBlockSizeWithFlags", grid, block, function, bytes_of, bytes, limit);
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(std::size_t* bytes, CUfunction handle, int blocks, int block_size) {
  return enter("cuOccupancyAvailableDynamicSMemPerBlock", [&](Call& call) {
    require(bytes && blocks > 0 && block_size > 0);
    const auto function = function_of(call, handle);
    const DeviceProperties& device = call.device().properties;
    const int unit = device.shared_unit_bytes();
    const int each = device.shared_bytes_per_multiprocessor / blocks / unit * unit - device.reserved_shared_bytes;
    const int most = std::min(each, device.shared_bytes_per_block);
    *bytes = static_cast<std::size_t>(std::max(0, most - static_cast<int>(function->kernel->static_shared_bytes)));
  });
}
