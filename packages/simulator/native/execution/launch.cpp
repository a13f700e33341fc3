#include "launch.h"

#include <algorithm>
#include <thread>

#include "worker.h"

namespace halyard::simulator {

const char* name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::out_of_bounds:
      return "out-of-bounds";
    case FindingKind::no_peer_access:
      return "no-peer-access";
    case FindingKind::use_after_free:
      return "use-after-free";
    case FindingKind::misaligned_access:
      return "misaligned-access";
    case FindingKind::write_to_constant:
      return "write-to-constant";
    case FindingKind::uninitialized_read:
      return "uninitialized-read";
    case FindingKind::shared_memory_race:
      return "shared-memory-race";
    case FindingKind::copy_not_waited_for:
      return "copy-not-waited-for";
    case FindingKind::overwritten_in_flight:
      return "overwritten-in-flight";
    case FindingKind::product_not_waited_for:
      return "product-not-waited-for";
    case FindingKind::missing_product_fence:
      return "missing-product-fence";
    case FindingKind::missing_proxy_fence:
      return "missing-proxy-fence";
    case FindingKind::block_not_running:
      return "block-not-running";
    case FindingKind::transaction_overflow:
      return "transaction-overflow";
    case FindingKind::divergent_barrier:
      return "divergent-barrier";
    case FindingKind::barrier_deadlock:
      return "barrier-deadlock";
    case FindingKind::hang:
      return "hang";
    case FindingKind::trap:
      return "trap";
    case FindingKind::assertion_failed:
      return "assertion-failed";
    case FindingKind::stack_overflow:
      return "stack-overflow";
    case FindingKind::invalid_instruction:
      return "invalid-instruction";
  }
  return "unknown";
}

const char* name_of(LaunchError error) {
  switch (error) {
    case LaunchError::none:
      return "none";
    case LaunchError::invalid_configuration:
      return "invalid-configuration";
    case LaunchError::out_of_resources:
      return "out-of-resources";
    case LaunchError::illegal_address:
      return "illegal-address";
    case LaunchError::misaligned_address:
      return "misaligned-address";
    case LaunchError::illegal_instruction:
      return "illegal-instruction";
    case LaunchError::hardware_stack_error:
      return "hardware-stack-error";
    case LaunchError::assertion:
      return "assertion";
    case LaunchError::launch_failed:
      return "launch-failed";
    case LaunchError::launch_timeout:
      return "launch-timeout";
    case LaunchError::cancelled:
      return "cancelled";
  }
  return "unknown";
}

Dimensions cluster_of(const Kernel& kernel, const Dimensions& asked) {
  const auto& required = kernel.required_cluster;
  if (asked.count() > 1 || required[0] == 0) return asked;
  return {required[0], required[1], required[2]};
}

namespace {

LaunchResult refuse(LaunchError error, std::string message) {
  LaunchResult result;
  result.error = error;
  result.message = std::move(message);
  return result;
}

std::string check(const Kernel& kernel, const LaunchConfiguration& configuration) {
  const std::uint64_t threads = configuration.block.count();
  if (threads == 0 || configuration.grid.count() == 0) return "a grid or block with no threads";
  if (configuration.block.z > 64 || threads > configuration.device.maximum_threads_per_block)
    return "a block of " + std::to_string(threads) + " threads";
  if (configuration.grid.y > 65535 || configuration.grid.z > 65535 || configuration.grid.x > 0x7fffffff)
    return "a grid that is too large";
  if (configuration.parameters.size() < kernel.parameter_bytes)
    return "parameters of " + std::to_string(configuration.parameters.size()) + " bytes where the kernel has " +
           std::to_string(kernel.parameter_bytes);
  const std::uint32_t* required = kernel.required_threads;
  if (required[0] != 0 && (required[0] != configuration.block.x || required[1] != configuration.block.y ||
                           required[2] != configuration.block.z))
    return "a block other than the kernel requires";
  const Dimensions& cluster = configuration.cluster;
  if (cluster.count() > 1 && configuration.device.compute_capability < 90) return "a cluster, which sm_90 introduced";
  if (cluster.count() > most_blocks_of_cluster)
    return "a cluster of " + std::to_string(cluster.count()) + " blocks";
  if (kernel.maximum_cluster != 0 && cluster.count() > kernel.maximum_cluster)
    return "a cluster of " + std::to_string(cluster.count()) + " blocks where the kernel allows " +
           std::to_string(kernel.maximum_cluster);
  const std::uint32_t* wanted = kernel.required_cluster;
  if (wanted[0] != 0 && (wanted[0] != cluster.x || wanted[1] != cluster.y || wanted[2] != cluster.z))
    return "a cluster other than the kernel requires";
  if (cluster.count() == 0 || configuration.grid.x % cluster.x || configuration.grid.y % cluster.y ||
      configuration.grid.z % cluster.z)
    return "a grid that is no multiple of the cluster";
  return {};
}

}  // namespace

LaunchResult launch(const LoadedModule& module, const Kernel& kernel, const LaunchConfiguration& configuration,
                    const LaunchOptions& options) {
  if (std::string reason = check(kernel, configuration); !reason.empty())
    return refuse(LaunchError::invalid_configuration, std::move(reason));
  if (kernel.maximum_threads != 0 && configuration.block.count() > kernel.maximum_threads)
    return refuse(LaunchError::out_of_resources, "a block of " + std::to_string(configuration.block.count()) +
                                                     " threads where the kernel allows " +
                                                     std::to_string(kernel.maximum_threads));
  const std::uint64_t shared = configuration.dynamic_shared_bytes == 0
                                   ? (kernel.static_shared_bytes + 15) / 16 * 16
                                   : std::uint64_t{kernel.dynamic_shared_offset} + configuration.dynamic_shared_bytes;
  if (shared > configuration.device.maximum_shared_bytes)
    return refuse(LaunchError::invalid_configuration, std::to_string(shared) +
                                                          " bytes of shared memory where a block may have " +
                                                          std::to_string(configuration.device.maximum_shared_bytes));
  LaunchContext context{.module = module,
                        .kernel = kernel,
                        .configuration = configuration,
                        .options = options,
                        .memory = options.memory ? options.memory : module.memory()->snapshot()};
  if (options.accesses != nullptr) options.accesses->begin(context.memory);
  context.shared_bytes = static_cast<std::uint32_t>(shared);
  context.instruction_limit = options.instruction_limit != 0 ? options.instruction_limit : std::uint64_t{1} << 32;
  for (const MicroOp& op : kernel.program->code) context.operations = std::max(context.operations, op.id + 1);
  for (const auto& callee : kernel.program->keep)
    for (const MicroOp& op : callee->code) context.operations = std::max(context.operations, op.id + 1);
  const std::uint64_t blocks = configuration.grid.count(), of_cluster = configuration.cluster.count();
  context.first_block = std::min(options.first_block, blocks);
  context.end_block = options.block_count == 0 ? blocks : std::min(blocks, options.first_block + options.block_count);
  context.next_cluster = of_cluster == 1 ? context.first_block : 0;
  context.end_cluster = of_cluster == 1 ? context.end_block : blocks / of_cluster;

  const std::uint64_t work = (context.end_block - context.first_block + of_cluster - 1) / of_cluster;
  const auto count =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(options.host_threads, 1, std::max<std::uint64_t>(1, work)));
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::uint32_t i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>(context, i));
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < count; ++i) threads.emplace_back([&worker = *workers[i]] { worker.run(); });
  workers[0]->run();
  for (std::thread& thread : threads) thread.join();

  LaunchResult result;
  for (auto& worker : workers) {
    LaunchResult part = worker->take_result();
    result.counters.add(part.counters);
    result.printed += part.printed;
    result.trace.append(std::move(part.trace));
    if (result.error == LaunchError::none) result.error = part.error, result.message = part.message;
    for (Finding& finding : part.findings) {
      const auto same = std::find_if(result.findings.begin(), result.findings.end(), [&](const Finding& other) {
        return other.kind == finding.kind && other.line == finding.line;
      });
      if (same == result.findings.end())
        result.findings.push_back(std::move(finding));
      else
        same->count += finding.count;
    }
  }
  return result;
}

}  // namespace halyard::simulator
