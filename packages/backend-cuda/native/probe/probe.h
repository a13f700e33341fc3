#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../compiler/nvrtc.h"
#include "../driver/driver.h"

namespace halyard::cuda {

/// An NVRTC at a place where one was looked for.
struct FoundCompiler {
  std::string path;
  /// Null where it did not load.
  std::shared_ptr<const Nvrtc> nvrtc;
  std::string failure;
};

/// A cuBLASLt at a place where one was looked for.
struct FoundProductLibrary {
  std::string path;
  /// `12.9.1`; empty where it did not load.
  std::string version;
  /// Why it cannot be used; empty where it can.
  std::string failure;
};

/// What the driver tells about a device, and whether it computes.
struct FoundDevice {
  DeviceNumber number = 0;
  std::string name;
  std::string bus_id;
  std::string uuid;
  std::int64_t memory_bytes = 0;
  int capability_major = 0;
  int capability_minor = 0;
  int multiprocessors = 0;
  int threads_per_block = 0;
  int threads_per_multiprocessor = 0;
  int warp_size = 0;
  int shared_bytes_per_block = 0;
  int shared_bytes_per_multiprocessor = 0;
  int registers_per_multiprocessor = 0;
  int clock_kilohertz = 0;
  int memory_clock_kilohertz = 0;
  int memory_bus_bits = 0;
  int l2_cache_bytes = 0;
  bool has_virtual_memory = false;
  bool has_memory_pools = false;
  /// Devices whose memory it can read and write directly.
  std::vector<DeviceNumber> peers;
  /// Of `compilers`; -1 where none knows the architecture.
  int compiler = -1;
  bool proof_ok = false;
  std::string proof_detail;
  /// Why it cannot be used at all.
  Failure refusal;
};

struct ProbeResult {
  int driver_version = 0;
  std::vector<FoundCompiler> compilers;
  /// Up to the first that can be used: each takes hundreds of megabytes to load.
  std::vector<FoundProductLibrary> product_libraries;
  std::vector<FoundDevice> devices;
  /// Of the driver as a whole.
  Failure refusal;
};

/// Looks at everything; runs a small kernel on each device.
ProbeResult probe(const std::vector<std::string>& compiler_paths,
                  const std::vector<std::string>& product_library_paths);

/// Loads libraries in order until one can be used: one that is no newer than the driver's CUDA.
std::vector<FoundProductLibrary> find_product_library(const std::vector<std::string>& paths, int driver_version);

/// Which compilers know an architecture (80 for sm_80), best first: the newest whose PTX the driver knows for sure, that is,
/// one no newer than the driver.
std::vector<int> rank_compilers(const std::vector<FoundCompiler>& compilers, int driver_version, int architecture);

/// The option for NVRTC: from 9.0 on with all that the architecture alone has (`compute_90a`).
std::string architecture_option(int architecture, int compiler_version);

}  // namespace halyard::cuda
