#include "state.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace halyard::simulator {

Driver& Driver::get() {
  static Driver* const driver = [] {
    auto* made = new Driver;  // never deleted, see the class
    std::atexit([] {
      Driver& self = Driver::get();
      // Whoever holds the lock at exit may never give it back.
      self.report.write(self.configuration.report, self);
    });
    return made;
  }();
  return *driver;
}

void Driver::configure() {
  if (is_configured) return;
  is_configured = true;
  epochs.assign(1, 0);  // the host's own
  try {
    configuration = Configuration::parse(std::getenv("HALYARD_SIMULATOR"));
  } catch (const std::exception& error) {
    configuration_error = error.what();
    std::fprintf(stderr, "HALYARD_SIMULATOR: %s\n", error.what());
    return;
  }
  faults = Faults(configuration.faults);
  for (const DeviceProperties& properties : configuration.devices) {
    auto device = std::make_unique<Device>();
    device->ordinal = static_cast<int>(devices.size());
    device->properties = properties;
    device->memory = std::make_shared<AddressSpace>(properties.memory_bytes);
    device->default_pool = std::make_shared<Pool>();
    device->default_pool->device = device->ordinal;
    device->current_pool = device->default_pool;
    device->graph_pool = std::make_shared<Pool>();
    device->graph_pool->device = device->ordinal;
    pools.add(device->default_pool);
    devices.push_back(std::move(device));
  }
}

void Driver::look_at_faults() {
  if (configuration.fault_file.empty()) return;
  std::ifstream file(configuration.fault_file);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  // An empty file is one that is just being written.
  if (text.empty() || text == fault_text) return;
  report.write(configuration.report, *this);
  fault_text = std::move(text);
  faults = Faults(parse_faults(fault_text));
}

Device& Driver::device(CUdevice ordinal) {
  require(ordinal >= 0 && ordinal < static_cast<int>(devices.size()), CUDA_ERROR_INVALID_DEVICE);
  return *devices[static_cast<std::size_t>(ordinal)];
}

std::size_t Driver::take_lane() {
  if (!free_lanes.empty()) {
    const std::size_t lane = free_lanes.back();
    free_lanes.pop_back();
    return lane;
  }
  epochs.push_back(0);
  return epochs.size() - 1;
}

const std::pair<const std::uint64_t, HostAllocation>* Driver::find_host(std::uint64_t address) const {
  auto after = host_memory.upper_bound(address);
  if (after == host_memory.begin()) return nullptr;
  --after;
  return address < after->first + after->second.bytes ? &*after : nullptr;
}

bool Driver::is_graph_memory(std::uint64_t address, std::uint64_t bytes) const {
  auto after = graph_memory.upper_bound(address);
  if (after == graph_memory.begin()) return false;
  --after;
  return address + bytes <= after->first + after->second.bytes;
}

Device* Driver::find_device(std::uint64_t address) {
  if (find_host(address)) return nullptr;
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
  for (const auto& device : devices)
    if (device->memory->find(address, begin, bytes) == MemoryStatus::ok) return device.get();
  return nullptr;
}

void Driver::note_memory(Device& device) { device.peak_bytes = std::max(device.peak_bytes, device.memory->used()); }

/// Sixteen bytes that tell devices apart, the same in every process.
std::string Device::uuid() const {
  std::string result = "halyard-sim-" + properties.architecture;
  result.resize(15, '.');
  return result + static_cast<char>('A' + ordinal);
}

}  // namespace halyard::simulator
