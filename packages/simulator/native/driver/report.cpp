#include "report.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "json.h"
#include "state.h"
#include "trace_report.h"

namespace halyard::simulator {

namespace {

/// So that a fault in a loop does not fill the disk.
constexpr std::size_t most_findings = 1000;

void write_counters(JsonWriter& json, const Counters& counters) {
  json.begin('{');
  json.name("warpInstructions").begin('{');
  for (int i = 0; i < instruction_classes; ++i)
    json.member(name_of(static_cast<InstructionClass>(i)), counters.warp_instructions[i]);
  json.end('}');
  json.name("laneInstructions").begin('{');
  for (int i = 0; i < instruction_classes; ++i)
    json.member(name_of(static_cast<InstructionClass>(i)), counters.lane_instructions[i]);
  json.end('}');
  json.member("totalWarpInstructions", counters.total_warp_instructions());
  json.member("globalLoadRequests", counters.global_load_requests);
  json.member("globalLoadSectors", counters.global_load_sectors);
  json.member("globalLoadBytes", counters.global_load_bytes);
  json.member("globalMulticastSectors", counters.global_multicast_sectors);
  json.member("globalStoreRequests", counters.global_store_requests);
  json.member("globalStoreSectors", counters.global_store_sectors);
  json.member("globalStoreBytes", counters.global_store_bytes);
  json.member("globalAtomicRequests", counters.global_atomic_requests);
  json.member("globalAtomicSectors", counters.global_atomic_sectors);
  json.member("sharedLoadRequests", counters.shared_load_requests);
  json.member("sharedLoadWavefronts", counters.shared_load_wavefronts);
  json.member("sharedLoadIdealWavefronts", counters.shared_load_ideal_wavefronts);
  json.member("sharedStoreRequests", counters.shared_store_requests);
  json.member("sharedStoreWavefronts", counters.shared_store_wavefronts);
  json.member("sharedStoreIdealWavefronts", counters.shared_store_ideal_wavefronts);
  json.member("sharedBankConflicts", counters.shared_bank_conflicts());
  json.name("matrixMultiplyAdds").begin('{');
  for (int i = 0; i < matrix_types; ++i)
    json.member(name_of_matrix_type(i), counters.matrix_multiply_adds[i]);
  json.end('}');
  json.member("branches", counters.branches).member("divergentBranches", counters.divergent_branches);
  json.member("barriers", counters.barriers).member("blocks", counters.blocks).member("warps", counters.warps);
  json.end('}');
}

void write_dimensions(JsonWriter& json, const char* name, std::uint32_t x, std::uint32_t y, std::uint32_t z) {
  json.name(name).begin('[').value(x).value(y).value(z).end(']');
}

void write_finding(JsonWriter& json, int device, const Finding& finding) {
  json.begin('{').member("kind", name_of(finding.kind)).member("isError", finding.is_error).member("device", device);
  json.member("kernel", finding.kernel).member("line", finding.line).member("instruction", finding.instruction);
  if (!finding.source.empty()) json.member("source", finding.source);
  write_dimensions(json, "block", finding.block[0], finding.block[1], finding.block[2]);
  write_dimensions(json, "thread", finding.thread[0], finding.thread[1], finding.thread[2]);
  json.member("address", finding.address).member("bytes", finding.bytes).member("count", finding.count);
  json.member("explanation", finding.explanation).end('}');
}

}  // namespace

void Report::call(const char* function) {
  const std::lock_guard lock(mutex_);
  ++calls_[function];
}

void Report::launch(LaunchRecord record, std::uint64_t most) {
  const std::lock_guard lock(mutex_);
  ++launch_count_;
  sums_[record.device].add(record.result.counters);
  for (const Finding& finding : record.result.findings)
    if (findings_.size() < most_findings) findings_.emplace_back(record.device, finding);
  if (launches_.size() < most) launches_.push_back(std::move(record));
}

void Report::find(HostFinding finding) {
  const std::lock_guard lock(mutex_);
  if (host_findings_.size() < most_findings) host_findings_.push_back(std::move(finding));
}

void Report::copy_between_devices(std::uint64_t bytes, bool is_direct) {
  const std::lock_guard lock(mutex_);
  (is_direct ? direct_bytes_ : staged_bytes_) += bytes;
}

void Report::write(const std::string& folder, Driver& driver) {
  if (folder.empty()) return;
  const std::lock_guard lock(mutex_);
  JsonWriter json;
  json.begin('{').member("process", static_cast<std::int64_t>(getpid()));
  json.member("driverVersion", driver.configuration.driver_version);
  json.name("devices").begin('[');
  for (const auto& device : driver.devices) {
    json.begin('{').member("architecture", device->properties.architecture).member("name", device->properties.name);
    json.member("memoryBytes", device->properties.memory_bytes).member("usedBytes", device->memory->used());
    json.member("peakBytes", device->peak_bytes).member("isLost", device->lost != CUDA_SUCCESS);
    json.name("counters");
    write_counters(json, sums_[device->ordinal]);
    json.end('}');
  }
  json.end(']').name("objects").begin('{');
  json.member("contexts", std::uint64_t{driver.contexts.all().size()});
  json.member("streams", std::uint64_t{driver.streams.all().size()});
  json.member("events", std::uint64_t{driver.events.all().size()});
  json.member("modules", std::uint64_t{driver.modules.all().size()});
  json.member("graphs", std::uint64_t{driver.graphs.all().size()});
  json.member("graphExecutables", std::uint64_t{driver.executables.all().size()});
  json.member("hostAllocations", std::uint64_t{driver.host_memory.size()});
  json.member("reservations", std::uint64_t{driver.reservations.size()});
  json.end('}').name("copiesBetweenDevices").begin('{');
  json.member("directBytes", direct_bytes_).member("stagedBytes", staged_bytes_);
  json.end('}').name("calls").begin('{');
  for (const auto& [function, count] : calls_) json.member(function, count);
  json.end('}').name("findings").begin('[');
  for (const auto& [device, finding] : findings_) write_finding(json, device, finding);
  for (const HostFinding& finding : host_findings_) {
    json.begin('{').member("kind", finding.kind).member("isError", true).member("device", finding.device);
    json.member("place", finding.place).member("address", finding.address).member("bytes", finding.bytes);
    json.member("explanation", finding.explanation).end('}');
  }
  json.end(']').name("faults").begin('[');
  for (std::size_t i = 0; i < driver.faults.all().size(); ++i) {
    const Fault& fault = driver.faults.all()[i];
    json.begin('{').member("kind", name_of(fault.kind)).member("function", fault.function);
    json.member("fired", driver.faults.fired(i)).end('}');
  }
  json.end(']').member("launchCount", launch_count_).name("launches").begin('[');
  for (const LaunchRecord& record : launches_) {
    json.begin('{').member("device", record.device).member("kernel", record.kernel).member("place", record.place);
    write_dimensions(json, "grid", record.grid.x, record.grid.y, record.grid.z);
    write_dimensions(json, "block", record.block.x, record.block.y, record.block.z);
    json.member("dynamicSharedBytes", record.dynamic_shared_bytes);
    json.member("simulatedMicroseconds", static_cast<std::uint64_t>(record.milliseconds * 1000));
    json.member("error", name_of(record.result.error)).member("message", record.result.message);
    json.name("counters");
    write_counters(json, record.result.counters);
    if (!record.result.trace.warps.empty()) write_trace(json.name("trace"), record.result.trace);
    json.end('}');
  }
  json.end(']').end('}');

  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::string path = folder + "/simulator-" + std::to_string(getpid()) + ".json";
  std::ofstream(path + ".part") << json.text() << '\n';
  std::filesystem::rename(path + ".part", path, ignored);
}

}  // namespace halyard::simulator
