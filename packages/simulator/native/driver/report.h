#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "../execution/launch.h"

namespace halyard::simulator {

struct Driver;

/// A fault of the host program, or of the order of its operations.
struct HostFinding {
  std::string kind;
  int device = 0;
  std::string place;        ///< what was done, and in which stream
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::string explanation;
};

struct LaunchRecord {
  int device = 0;
  std::string kernel;
  Dimensions grid;
  Dimensions block;
  std::uint32_t dynamic_shared_bytes = 0;
  std::string place;
  double milliseconds = 0;  ///< of simulation
  LaunchResult result;
};

/// What a process did, for whoever tests it. Safe to use from several threads.
class Report {
 public:
  void call(const char* function);
  void launch(LaunchRecord record, std::uint64_t most);
  void find(HostFinding finding);
  /// Over a link that lets one of them into the other's memory, or by way of the host.
  void copy_between_devices(std::uint64_t bytes, bool is_direct);
  /// Writes `simulator-PID.json` into a folder, anew each time.
  void write(const std::string& folder, Driver& driver);

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> calls_;
  std::vector<LaunchRecord> launches_;
  std::uint64_t launch_count_ = 0;
  std::map<int, Counters> sums_;
  std::vector<std::pair<int, Finding>> findings_;
  std::vector<HostFinding> host_findings_;
  std::uint64_t direct_bytes_ = 0;
  std::uint64_t staged_bytes_ = 0;
};

}  // namespace halyard::simulator
