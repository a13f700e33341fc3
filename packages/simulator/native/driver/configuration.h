#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../faults/faults.h"
#include "../trace/trace.h"

namespace halyard::simulator {

/// A device as the driver describes it.
struct DeviceProperties {
  std::string architecture;  ///< "sm_80"
  std::string name;
  int capability = 80;       ///< 10 × major + minor
  int multiprocessors = 0;
  int clock_megahertz = 0;
  int memory_clock_megahertz = 0;
  int memory_bus_bits = 0;
  int threads_per_multiprocessor = 0;
  int blocks_per_multiprocessor = 0;
  int shared_bytes_per_multiprocessor = 0;
  int shared_bytes_per_block = 0;  ///< after opting in
  int reserved_shared_bytes = 0;   ///< of each block, by the system
  std::uint64_t second_level_bytes = 0;
  std::uint64_t memory_bytes = 0;

  /// Shared memory is given to blocks by so many bytes (NVIDIA's cuda_occupancy.h).
  int shared_unit_bytes() const { return capability < 80 ? 256 : 128; }
};

/// The device of this architecture that is best known; throws std::runtime_error for one that is not known.
DeviceProperties properties_of(const std::string& architecture);

/// What the environment variable HALYARD_SIMULATOR says; docs are with `simulatedEnvironment` in src/environment.
struct Configuration {
  std::vector<DeviceProperties> devices;
  int driver_version = 13000;
  std::vector<Fault> faults;
  std::string fault_file;  ///< looked at before each call; empty: none
  std::vector<std::pair<int, int>> peers;  ///< devices that may read and write each other's memory
  std::string report;  ///< folder; empty: none is written
  bool check_races = true;
  bool check_initialized = true;
  bool check_order = true;
  bool count_memory = true;
  unsigned host_threads = 1;
  std::uint64_t instruction_limit = 0;
  std::uint64_t reported_launches = 20000;
  std::string traced_kernel;  ///< empty: every one
  TraceOptions trace;

  /// Null: one sm_80. Throws std::runtime_error in words.
  static Configuration parse(const char* text);
};

/// A list of faults as JSON; throws std::runtime_error in words.
std::vector<Fault> parse_faults(const std::string& text);

/// The value of a result's name, or -1.
int result_of(const std::string& name);

}  // namespace halyard::simulator
