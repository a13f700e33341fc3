#include "kernel_work.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "peer_memory.h"

namespace halyard::simulator {

namespace {

void require_shape(const Function& function, const LaunchConfiguration& shape, bool is_cooperative) {
  const Dimensions& grid = shape.grid;
  const Dimensions& block = shape.block;
  require(grid.count() > 0 && block.count() > 0);
  require(grid.x <= 0x7fffffffu && grid.y <= 65535 && grid.z <= 65535);
  require(block.x <= 1024 && block.y <= 1024 && block.z <= 64 && block.count() <= 1024);
  const Kernel& kernel = *function.kernel;
  require(kernel.maximum_threads == 0 || block.count() <= kernel.maximum_threads);
  if (kernel.required_threads[0] != 0)
    require(block.x == kernel.required_threads[0] && block.y == std::max(1u, kernel.required_threads[1]) &&
            block.z == std::max(1u, kernel.required_threads[2]));
  require(static_cast<int>(shape.dynamic_shared_bytes) <= function.maximum_dynamic_shared_bytes);
  const std::uint32_t* wanted = kernel.required_cluster;
  if (wanted[0] != 0)
    require(shape.cluster.x == wanted[0] && shape.cluster.y == wanted[1] && shape.cluster.z == wanted[2],
            CUDA_ERROR_INVALID_CLUSTER_SIZE);
  if (kernel.maximum_cluster != 0)
    require(shape.cluster.count() <= kernel.maximum_cluster, CUDA_ERROR_INVALID_CLUSTER_SIZE);
  require(shape.cluster.count() > 0);
  if (shape.cluster.count() > 1) {
    require(function.context->device->properties.capability >= 90, CUDA_ERROR_NOT_SUPPORTED);
    require(grid.x % shape.cluster.x == 0 && grid.y % shape.cluster.y == 0 && grid.z % shape.cluster.z == 0);
    require(shape.cluster.count() <= (function.allows_large_clusters ? most_blocks_of_cluster : 8u),
            CUDA_ERROR_INVALID_CLUSTER_SIZE);
  }
  if (is_cooperative) {
    const auto resident = static_cast<std::uint64_t>(
        active_blocks(function, static_cast<int>(block.count()), shape.dynamic_shared_bytes));
    const auto multiprocessors = static_cast<std::uint64_t>(function.context->device->properties.multiprocessors);
    require(grid.count() <= resident * multiprocessors, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  }
}

CUresult result_of_launch(LaunchError error) {
  switch (error) {
    case LaunchError::none: return CUDA_SUCCESS;
    case LaunchError::invalid_configuration: return CUDA_ERROR_INVALID_VALUE;
    case LaunchError::out_of_resources: return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    case LaunchError::illegal_address: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case LaunchError::misaligned_address: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case LaunchError::illegal_instruction: return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    case LaunchError::hardware_stack_error: return CUDA_ERROR_HARDWARE_STACK_ERROR;
    case LaunchError::assertion: return CUDA_ERROR_ASSERT;
    case LaunchError::launch_failed: return CUDA_ERROR_LAUNCH_FAILED;
    case LaunchError::launch_timeout: return CUDA_ERROR_LAUNCH_TIMEOUT;
    case LaunchError::cancelled: return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  }
  return CUDA_ERROR_UNKNOWN;
}

/// The result of an injected fault, once it has struck.
CUresult strike(Execution& execution, const Fault& fault) {
  Driver& driver = execution.driver;
  const auto result = static_cast<CUresult>(fault.result);
  if (fault.kind == FaultKind::launch) return result;
  std::unique_lock lock(driver.mutex);
  if (fault.kind == FaultKind::lost) {
    execution.device.lost = result;
    return result;
  }
  Context& context = *execution.operation.context;
  driver.changed.wait(lock, [&] { return context.is_cancelled.load(); });
  return CUDA_ERROR_LAUNCH_TIMEOUT;
}

}  // namespace

KernelWork::KernelWork(std::shared_ptr<Function> function, const CUDA_KERNEL_NODE_PARAMS& parameters,
                       Dimensions cluster, bool is_cooperative)
    : function_(std::move(function)), asked_cluster_(cluster) {
  configuration_.grid = {parameters.gridDimX, parameters.gridDimY, parameters.gridDimZ};
  configuration_.block = {parameters.blockDimX, parameters.blockDimY, parameters.blockDimZ};
  configuration_.cluster = cluster_of(*function_->kernel, cluster);
  configuration_.dynamic_shared_bytes = parameters.sharedMemBytes;
  require_shape(*function_, configuration_, is_cooperative);
  take_arguments(parameters.kernelParams, parameters.extra);
  const DeviceProperties& device = function_->context->device->properties;
  configuration_.device.compute_capability = static_cast<std::uint32_t>(device.capability);
  configuration_.device.multiprocessors = static_cast<std::uint32_t>(device.multiprocessors);
  configuration_.device.maximum_shared_bytes = static_cast<std::uint32_t>(device.shared_bytes_per_block);
}

void KernelWork::take_arguments(void** arguments, void** extra) {
  const Kernel& kernel = *function_->kernel;
  configuration_.parameters.resize(kernel.parameter_bytes);
  if (extra) {
    const void* buffer = nullptr;
    std::size_t bytes = 0;
    for (; *extra; extra += 2) {
      const auto key = reinterpret_cast<std::uintptr_t>(*extra);
      require(key == 1 || key == 2);
      if (key == 1) buffer = extra[1];
      if (key == 2) bytes = *static_cast<const std::size_t*>(extra[1]);
    }
    require(buffer && bytes >= kernel.parameter_bytes);
    std::memcpy(configuration_.parameters.data(), buffer, kernel.parameter_bytes);
    return;
  }
  require(arguments || kernel.parameters.empty());
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    const KernelParameter& parameter = kernel.parameters[i];
    require(arguments[i] != nullptr);
    std::memcpy(configuration_.parameters.data() + parameter.offset, arguments[i], parameter.bytes);
  }
}

CUDA_KERNEL_NODE_PARAMS KernelWork::parameters() const {
  if (pointers_.empty())
    for (const KernelParameter& parameter : function_->kernel->parameters)
      pointers_.push_back(const_cast<std::byte*>(configuration_.parameters.data()) + parameter.offset);
  CUDA_KERNEL_NODE_PARAMS result{};
  result.func = reinterpret_cast<CUfunction>(function_.get());
  result.gridDimX = configuration_.grid.x;
  result.gridDimY = configuration_.grid.y;
  result.gridDimZ = configuration_.grid.z;
  result.blockDimX = configuration_.block.x;
  result.blockDimY = configuration_.block.y;
  result.blockDimZ = configuration_.block.z;
  result.sharedMemBytes = configuration_.dynamic_shared_bytes;
  result.kernelParams = pointers_.empty() ? nullptr : pointers_.data();
  result.ctx = reinterpret_cast<CUcontext>(function_->context.get());
  return result;
}

CUresult KernelWork::run(Execution& execution) const {
  Driver& driver = execution.driver;
  std::optional<Fault> fault;
  LaunchOptions options;
  {
    const std::lock_guard lock(driver.mutex);
    fault = driver.faults.kernel(execution.device.ordinal);
    options.memory = visible_memory(driver, execution.device);
  }
  if (fault) return strike(execution, *fault);

  AccessRecord accesses;
  options.host_threads = driver.configuration.host_threads;
  options.check_races = driver.configuration.check_races;
  options.check_initialized = driver.configuration.check_initialized;
  options.count_memory = driver.configuration.count_memory;
  options.instruction_limit = driver.configuration.instruction_limit;
  options.accesses = driver.configuration.check_order ? &accesses : nullptr;
  const std::string& traced = driver.configuration.traced_kernel;
  if (traced.empty() || traced == function_->kernel->name) options.trace = driver.configuration.trace;
  options.cancelled = &execution.operation.context->is_cancelled;

  LaunchRecord record;
  record.device = execution.device.ordinal;
  record.kernel = function_->kernel->name;
  record.grid = configuration_.grid;
  record.block = configuration_.block;
  record.dynamic_shared_bytes = configuration_.dynamic_shared_bytes;
  record.place = execution.operation.place;
  const auto start = std::chrono::steady_clock::now();
  record.result = launch(*function_->module, *function_->kernel, configuration_, options);
  record.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  execution.accesses = accesses.ranges();
  if (!record.result.printed.empty()) {
    std::fwrite(record.result.printed.data(), 1, record.result.printed.size(), stdout);
    std::fflush(stdout);
  }
  const CUresult result = result_of_launch(record.result.error);
  driver.report.launch(std::move(record), driver.configuration.reported_launches);
  return result;
}

int active_blocks(const Function& function, int block_size, std::uint64_t dynamic_shared_bytes) {
  if (block_size <= 0 || block_size > 1024) return 0;
  const DeviceProperties& device = function.context->device->properties;
  const int warps = (block_size + 31) / 32;
  // Registers are given to warps in units of 256, from the quarter that is their scheduler's.
  constexpr int schedulers = 4, scheduler_registers = 65536 / schedulers;
  const int registers = static_cast<int>((std::max(function.kernel->registers, 1u) * 32 + 255) / 256) * 256;
  int blocks = std::min(device.blocks_per_multiprocessor, device.threads_per_multiprocessor / (warps * 32));
  blocks = std::min(blocks, scheduler_registers / registers * schedulers / warps);
  const std::uint64_t used = function.kernel->static_shared_bytes + dynamic_shared_bytes;
  if (used > static_cast<std::uint64_t>(device.shared_bytes_per_block)) return 0;
  const auto unit = static_cast<std::uint64_t>(device.shared_unit_bytes());
  const auto reserved = static_cast<std::uint64_t>(device.reserved_shared_bytes);
  const std::uint64_t shared = (used + reserved + unit - 1) / unit * unit;
  if (shared > 0)
    blocks = std::min(blocks, static_cast<int>(static_cast<unsigned>(device.shared_bytes_per_multiprocessor) / shared));
  return std::max(blocks, 0);
}

}  // namespace halyard::simulator
