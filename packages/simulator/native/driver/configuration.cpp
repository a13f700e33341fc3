#include "configuration.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "json.h"

namespace halyard::simulator {

namespace {

constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

/// Boards of the table in src/architecture/table.ts, which has the sources; a test compares the two. What is not there
/// (second-level caches, memory) is as NVIDIA's data sheets have it to our knowledge, compared with none.
const DeviceProperties known[] = {
    {"sm_70", "Tesla V100-SXM2-16GB (simulated)", 70, 80, 1530, 877, 4096, 2048, 32, 98304, 98304, 0, 6 * mebibyte,
     16 * gibibyte},
    {"sm_72", "Jetson AGX Xavier (simulated)", 72, 8, 1377, 2133, 256, 2048, 32, 98304, 98304, 0, mebibyte / 2,
     32 * gibibyte},
    {"sm_75", "Tesla T4 (simulated)", 75, 40, 1590, 5001, 256, 1024, 16, 65536, 65536, 0, 4 * mebibyte, 16 * gibibyte},
    {"sm_80", "NVIDIA A100-SXM4-40GB (simulated)", 80, 108, 1410, 1215, 5120, 2048, 32, 167936, 166912, 1024,
     40 * mebibyte, 40 * gibibyte},
    {"sm_86", "NVIDIA GeForce RTX 3090 (simulated)", 86, 82, 1695, 9751, 384, 1536, 16, 102400, 101376, 1024,
     6 * mebibyte, 24 * gibibyte},
    {"sm_87", "Jetson AGX Orin (simulated)", 87, 16, 1300, 3200, 256, 1536, 16, 167936, 166912, 1024, 4 * mebibyte,
     64 * gibibyte},
    {"sm_89", "NVIDIA GeForce RTX 4090 (simulated)", 89, 128, 2520, 10501, 384, 1536, 24, 102400, 101376, 1024,
     72 * mebibyte, 24 * gibibyte},
    {"sm_90", "NVIDIA H100 80GB HBM3 (simulated)", 90, 132, 1980, 2619, 5120, 2048, 32, 233472, 232448, 1024,
     50 * mebibyte, 80 * gibibyte},
    {"sm_100", "NVIDIA B200 (simulated)", 100, 148, 1965, 3996, 8192, 2048, 32, 233472, 232448, 1024, 126 * mebibyte,
     180 * gibibyte},
    {"sm_103", "NVIDIA B300 (simulated)", 103, 148, 1965, 3996, 8192, 2048, 32, 233472, 232448, 1024, 126 * mebibyte,
     270 * gibibyte},
    {"sm_110", "NVIDIA Thor (simulated)", 110, 20, 1575, 4266, 256, 1536, 24, 233472, 232448, 1024, 32 * mebibyte,
     128 * gibibyte},
    {"sm_120", "NVIDIA GeForce RTX 5090 (simulated)", 120, 170, 2407, 14001, 512, 1536, 24, 102400, 101376, 1024,
     96 * mebibyte, 32 * gibibyte},
    {"sm_121", "NVIDIA GB10 (simulated)", 121, 48, 2418, 4266, 256, 1536, 24, 102400, 101376, 1024, 24 * mebibyte,
     128 * gibibyte},
};

DeviceProperties device_of(const Json& json) {
  DeviceProperties device = properties_of(json["architecture"].string("sm_80"));
  const auto whole = [&](const char* name, int& field) {
    field = static_cast<int>(json[name].number(field));
    if (field <= 0) throw std::runtime_error(std::string("devices: ") + name + " has to be positive");
  };
  device.name = json["name"].string(device.name);
  whole("multiprocessors", device.multiprocessors);
  whole("clockMegahertz", device.clock_megahertz);
  whole("memoryClockMegahertz", device.memory_clock_megahertz);
  whole("memoryBusBits", device.memory_bus_bits);
  const auto usual_bytes = static_cast<double>(device.memory_bytes);
  device.memory_bytes = static_cast<std::uint64_t>(json["memoryBytes"].number(usual_bytes));
  if (device.memory_bytes == 0) throw std::runtime_error("devices: memoryBytes has to be positive");
  return device;
}

Fault fault_of(const Json& json) {
  Fault fault;
  const std::string kind = json["kind"].string("");
  bool known_kind = false;
  for (int i = 0; i <= static_cast<int>(FaultKind::missing_symbol); ++i) {
    if (kind != name_of(static_cast<FaultKind>(i))) continue;
    fault.kind = static_cast<FaultKind>(i);
    known_kind = true;
  }
  if (!known_kind) throw std::runtime_error("faults: no kind \"" + kind + "\"");
  fault.function = json["function"].string("");
  fault.nth = static_cast<std::uint64_t>(json["nth"].number(1));
  fault.times = static_cast<std::uint64_t>(json["times"].number(1));
  fault.device = static_cast<int>(json["device"].number(-1));
  const bool is_shortage = fault.kind == FaultKind::allocation || fault.kind == FaultKind::creation;
  const std::string fallback = fault.kind == FaultKind::launch ? "CUDA_ERROR_LAUNCH_FAILED"
                               : is_shortage                   ? "CUDA_ERROR_OUT_OF_MEMORY"
                                                               : "CUDA_ERROR_UNKNOWN";
  const std::string result = json["result"].string(fallback);
  fault.result = result_of(result);
  if (fault.result < 0) throw std::runtime_error("faults: no result \"" + result + "\"");
  const bool needs_function = fault.kind == FaultKind::error || fault.kind == FaultKind::crash ||
                              fault.kind == FaultKind::missing_symbol;
  if (needs_function && fault.function.empty()) throw std::runtime_error("faults: \"" + kind + "\" names a function");
  return fault;
}

std::vector<Fault> faults_of(const Json& json) {
  std::vector<Fault> faults;
  for (const Json& fault : json.array()) faults.push_back(fault_of(fault));
  return faults;
}

std::pair<int, int> pair_of(const Json& json, std::size_t devices) {
  const std::vector<Json>& pair = json.array();
  const auto device = [&](std::size_t at) { return pair.size() == 2 ? static_cast<int>(pair[at].number(-1)) : -1; };
  const auto is_device = [&](int ordinal) { return ordinal >= 0 && static_cast<std::size_t>(ordinal) < devices; };
  if (!is_device(device(0)) || !is_device(device(1)) || device(0) == device(1))
    throw std::runtime_error("peers: a pair names two of the devices by their numbers");
  return {device(0), device(1)};
}

}  // namespace

std::vector<Fault> parse_faults(const std::string& text) { return faults_of(Json::parse(text)); }

int result_of(const std::string& name) {
#define HALYARD_DRIVER_RESULT(symbol, value, text) \
  if (name == #symbol) return value;
#include "api/results.def"
#undef HALYARD_DRIVER_RESULT
  return -1;
}

DeviceProperties properties_of(const std::string& architecture) {
  for (const DeviceProperties& device : known)
    if (device.architecture == architecture) return device;
  std::string names;
  for (const DeviceProperties& device : known) names += (names.empty() ? "" : ", ") + device.architecture;
  throw std::runtime_error("devices: no architecture \"" + architecture + "\"; there are " + names);
}

Configuration Configuration::parse(const char* text) {
  Configuration result;
  result.host_threads = std::max(1u, std::thread::hardware_concurrency());
  if (!text || !*text) {
    result.devices.push_back(properties_of("sm_80"));
    return result;
  }
  const Json json = Json::parse(text);
  if (!json.is_object()) throw std::runtime_error("an object was expected");
  if (!json.has("devices")) result.devices.push_back(properties_of("sm_80"));
  for (const Json& device : json["devices"].array()) result.devices.push_back(device_of(device));
  result.faults = faults_of(json["faults"]);
  result.fault_file = json["faultFile"].string("");
  for (const Json& pair : json["peers"].array()) result.peers.push_back(pair_of(pair, result.devices.size()));
  result.driver_version = static_cast<int>(json["driverVersion"].number(result.driver_version));
  result.report = json["report"].string("");
  const Json& checks = json["checks"];
  result.check_races = checks["races"].boolean(true);
  result.check_initialized = checks["initialized"].boolean(true);
  result.check_order = checks["order"].boolean(true);
  result.count_memory = json["countMemory"].boolean(true);
  result.host_threads = static_cast<unsigned>(json["hostThreads"].number(result.host_threads));
  if (const Json& trace = json["trace"]; trace.is_object()) {
    result.traced_kernel = trace["kernel"].string("");
    result.trace.first_block = static_cast<std::uint64_t>(trace["firstBlock"].number(0));
    result.trace.block_count = static_cast<std::uint64_t>(trace["blockCount"].number(1));
    result.trace.most_events = static_cast<std::uint32_t>(trace["mostEvents"].number(result.trace.most_events));
  }
  result.instruction_limit = static_cast<std::uint64_t>(json["instructionLimit"].number(0));
  return result;
}

}  // namespace halyard::simulator
