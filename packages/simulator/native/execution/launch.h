#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../counters/counters.h"
#include "../memory/access_record.h"
#include "../ptx/module.h"
#include "../trace/trace.h"
#include "finding.h"

namespace halyard::simulator {

struct Dimensions {
  std::uint32_t x = 1, y = 1, z = 1;
  std::uint64_t count() const { return std::uint64_t{x} * y * z; }
};

/// With the driver's leave; without it 8.
inline constexpr std::uint32_t most_blocks_of_cluster = 16;

/// What a launch needs to know of the device.
struct DeviceDescription {
  std::uint32_t compute_capability = 80;  ///< 10 × major + minor
  std::uint32_t multiprocessors = 108;
  std::uint32_t maximum_threads_per_block = 1024;
  std::uint32_t maximum_shared_bytes = 166912;  ///< per block, static and dynamic, after opting in
};

struct LaunchConfiguration {
  Dimensions grid;
  Dimensions block;
  Dimensions cluster;
  std::uint32_t dynamic_shared_bytes = 0;
  /// Packed as the kernel's parameters say (offsets from Kernel::parameters); exactly parameter_bytes of them.
  std::vector<std::byte> parameters;
  DeviceDescription device;
};

/// How much is looked at, and how long it may take.
struct LaunchOptions {
  std::uint32_t host_threads = 1;
  bool check_races = true;              ///< shared memory: races, copies not waited for, uninitialized reads
  bool check_initialized = true;        ///< global memory
  bool count_memory = true;             ///< sectors and bank conflicts
  std::uint64_t instruction_limit = 0;  ///< of one warp; 0: a very large one. Beyond it the launch hangs.
  std::uint64_t first_block = 0;        ///< simulate only some blocks of the grid, with the rest of their clusters, …
  std::uint64_t block_count = 0;        ///< … this many; 0: all
  std::shared_ptr<const MemorySnapshot> memory;  ///< what the launch sees; null: the memory that the module is in
  AccessRecord* accesses = nullptr;  ///< told the snapshot that the launch works on, and every access to global memory
  TraceOptions trace;
  const std::atomic<bool>* cancelled = nullptr;  ///< ends the launch early with LaunchError::cancelled
};

/// How a launch ends, in terms of the driver's errors.
enum class LaunchError : std::uint8_t {
  none,
  invalid_configuration,  ///< CUDA_ERROR_INVALID_VALUE: nothing was run
  out_of_resources,       ///< CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES: nothing was run
  illegal_address,        ///< CUDA_ERROR_ILLEGAL_ADDRESS
  misaligned_address,     ///< CUDA_ERROR_MISALIGNED_ADDRESS
  illegal_instruction,    ///< CUDA_ERROR_ILLEGAL_INSTRUCTION
  hardware_stack_error,   ///< CUDA_ERROR_HARDWARE_STACK_ERROR
  assertion,              ///< CUDA_ERROR_ASSERT
  launch_failed,          ///< CUDA_ERROR_LAUNCH_FAILED: trap
  launch_timeout,         ///< CUDA_ERROR_LAUNCH_TIMEOUT: hang or deadlock
  cancelled,
};

const char* name_of(LaunchError error);

struct LaunchResult {
  LaunchError error = LaunchError::none;
  std::string message;            ///< of an error
  std::vector<Finding> findings;  ///< each instruction and kind once
  Counters counters;
  std::string printed;  ///< by printf
  Trace trace;
};

/// The cluster of a launch: as asked for, else as the kernel requires.
Dimensions cluster_of(const Kernel& kernel, const Dimensions& asked);

/// Runs a kernel to its end on the calling thread and as many more as the options say.
LaunchResult launch(const LoadedModule& module, const Kernel& kernel, const LaunchConfiguration& configuration,
                    const LaunchOptions& options = {});

}  // namespace halyard::simulator
