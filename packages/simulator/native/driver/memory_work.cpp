#include "memory_work.h"

#include <algorithm>
#include <cstring>

#include "peer_memory.h"

namespace halyard::simulator {

namespace {

const char* side(const Endpoint& endpoint) {
  return endpoint.space ? "device memory" : endpoint.is_pinned ? "pinned host memory" : "host memory";
}

void report(Driver& driver, int device, MemoryStatus status, const std::string& place, const Endpoint& endpoint,
            std::uint64_t address, std::uint64_t bytes) {
  const char* kind = status == MemoryStatus::use_after_free ? "use-after-free" : "out-of-bounds";
  driver.report.find({kind, device, place, address, bytes,
                      place + " touches " + std::to_string(bytes) + " bytes of " + side(endpoint) +
                          " that are not all alive: " + name_of(status)});
}

void add_access(std::vector<AccessedRange>& accesses, const Endpoint& endpoint, std::uint64_t address,
                std::uint64_t bytes, bool is_write) {
  // Only the driver's own memory is followed; whoever shares pageable memory waits for the call itself.
  if (endpoint.is_pageable()) return;
  if (!accesses.empty() && accesses.back().is_write == is_write && accesses.back().end == address)
    accesses.back().end += bytes;
  else
    accesses.push_back({address, address + bytes, is_write});
}

/// Whether a device reads and writes an endpoint itself.
bool reaches(Driver& driver, int device, const Endpoint& endpoint) {
  const Device& viewer = driver.device(device);
  if (endpoint.space == viewer.memory) return true;
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
  if (endpoint.space->find(endpoint.address, begin, bytes) != MemoryStatus::ok) return false;
  return std::any_of(driver.devices.begin(), driver.devices.end(), [&](const auto& owner) {
    return owner->memory == endpoint.space && has_peer_access(driver, viewer, *owner, begin);
  });
}

}  // namespace

Endpoint Endpoint::of_host(Driver& driver, const void* memory) {
  const auto address = reinterpret_cast<std::uint64_t>(memory);
  require(memory != nullptr);
  return {address, nullptr, driver.find_host(address) != nullptr};
}

Endpoint Endpoint::of(Driver& driver, std::uint64_t address) {
  require(address != 0);
  if (driver.find_host(address)) return {address, nullptr, true};
  if (Device* device = driver.find_device(address)) return {address, device->memory, false};
  // Devices have addresses of their own below this; what is not there is no memory of the host either.
  constexpr std::uint64_t device_addresses = std::uint64_t{61} << 40;
  constexpr std::uint64_t first_device_address = std::uint64_t{1} << 40;
  if (address < first_device_address || address >= device_addresses) return {address, nullptr, false};
  for (const auto& device : driver.devices)
    if (device->memory->check(address, 1) == MemoryStatus::use_after_free) return {address, device->memory, false};
  return {address, driver.devices.front()->memory, false};
}

template <typename Visit>
bool CopyWork::each_row(Visit visit) const {
  for (std::uint64_t slice = 0; slice < shape_.depth; ++slice)
    for (std::uint64_t row = 0; row < shape_.height; ++row) {
      const std::uint64_t from = source_.address + slice * shape_.source_slice + row * shape_.source_pitch;
      const std::uint64_t to =
          destination_.address + slice * shape_.destination_slice + row * shape_.destination_pitch;
      if (!visit(to, from)) return false;
    }
  return true;
}

CopyWork::CopyWork(Driver& driver, int device, Endpoint destination, Endpoint source, const CopyShape& shape)
    : destination_(std::move(destination)),
      source_(std::move(source)),
      shape_(shape),
      is_between_devices_(source_.space && destination_.space && source_.space != destination_.space),
      is_direct_(is_between_devices_ && reaches(driver, device, source_) && reaches(driver, device, destination_)) {
  const bool is_valid = each_row([&](std::uint64_t to, std::uint64_t from) {
    const auto check = [&](const Endpoint& endpoint, std::uint64_t address) {
      if (!endpoint.space || shape_.width == 0 || driver.is_graph_memory(address, shape_.width)) return true;
      const MemoryStatus status = endpoint.space->check(address, shape_.width);
      if (status != MemoryStatus::ok) report(driver, device, status, describe(), endpoint, address, shape_.width);
      return status == MemoryStatus::ok;
    };
    return check(destination_, to) && check(source_, from);
  });
  require(is_valid);
}

std::string CopyWork::describe() const {
  return std::string("a copy from ") + side(source_) + " to " + side(destination_);
}

void CopyWork::stage() {
  if (!source_.is_pageable()) return;
  staged_.resize(shape_.width * shape_.height * shape_.depth);
  std::byte* to = staged_.data();
  each_row([&](std::uint64_t, std::uint64_t from) {
    std::memcpy(to, reinterpret_cast<const void*>(from), shape_.width);
    to += shape_.width;
    return true;
  });
}

CUresult CopyWork::run(Execution& execution) const {
  const std::uint64_t bytes = shape_.width;
  const std::byte* staged = staged_.data();
  if (bytes == 0) return CUDA_SUCCESS;
  const bool is_done = each_row([&](std::uint64_t to, std::uint64_t from) {
    MemoryStatus status = MemoryStatus::ok;
    const void* host_source = reinterpret_cast<const void*>(from);
    if (!staged_.empty()) {
      host_source = staged;
      staged += bytes;
    }
    if (source_.space && destination_.space)
      status = destination_.space->copy(to, *source_.space, from, bytes);
    else if (source_.space)
      status = source_.space->read(from, reinterpret_cast<void*>(to), bytes);
    else if (destination_.space)
      status = destination_.space->write(to, host_source, bytes);
    else
      std::memmove(reinterpret_cast<void*>(to), host_source, bytes);
    if (status != MemoryStatus::ok) {
      const bool is_source = source_.space && source_.space->check(from, bytes) != MemoryStatus::ok;
      report(execution.driver, execution.device.ordinal, status, describe(), is_source ? source_ : destination_,
             is_source ? from : to, bytes);
      return false;
    }
    if (source_.space && !destination_.space && execution.driver.configuration.check_initialized) {
      const std::uint64_t missing = source_.space->uninitialized(from, bytes);
      if (missing > 0)
        execution.driver.report.find({"uninitialized-read", execution.device.ordinal, describe(), from, missing,
                                      describe() + " reads " + std::to_string(missing) +
                                          " bytes that nobody has written"});
    }
    add_access(execution.accesses, source_, from, bytes, false);
    return true;
  });
  if (!is_done) return CUDA_ERROR_ILLEGAL_ADDRESS;
  if (is_between_devices_)
    execution.driver.report.copy_between_devices(bytes * shape_.height * shape_.depth, is_direct_);
  each_row([&](std::uint64_t to, std::uint64_t) {
    add_access(execution.accesses, destination_, to, bytes, true);
    return true;
  });
  return CUDA_SUCCESS;
}

CUDA_MEMCPY3D CopyWork::parameters() const {
  CUDA_MEMCPY3D result{};
  const auto host = [](std::uint64_t address) { return reinterpret_cast<void*>(address); };
  result.srcMemoryType = source_.space ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
  result.srcDevice = source_.space ? source_.address : 0;
  result.srcHost = source_.space ? nullptr : host(source_.address);
  result.srcPitch = shape_.source_pitch;
  result.srcHeight = shape_.source_pitch ? shape_.source_slice / shape_.source_pitch : 0;
  result.dstMemoryType = destination_.space ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
  result.dstDevice = destination_.space ? destination_.address : 0;
  result.dstHost = destination_.space ? nullptr : host(destination_.address);
  result.dstPitch = shape_.destination_pitch;
  result.dstHeight = shape_.destination_pitch ? shape_.destination_slice / shape_.destination_pitch : 0;
  result.WidthInBytes = shape_.width;
  result.Height = shape_.height;
  result.Depth = shape_.depth;
  return result;
}

FillWork::FillWork(Driver& driver, int device, const CUDA_MEMSET_NODE_PARAMS& parameters)
    : parameters_(parameters), destination_(Endpoint::of(driver, parameters.dst)) {
  const std::uint64_t element = parameters.elementSize;
  require(element == 1 || element == 2 || element == 4);
  require(parameters.dst % element == 0 && (parameters.height <= 1 || parameters.pitch % element == 0));
  require(destination_.space || destination_.is_pinned);
  const std::uint64_t bytes = parameters.width * element;
  for (std::size_t row = 0; destination_.space && bytes > 0 && row < parameters.height; ++row) {
    const std::uint64_t address = parameters.dst + row * parameters.pitch;
    const MemoryStatus status = destination_.space->check(address, bytes);
    if (status == MemoryStatus::ok || driver.is_graph_memory(address, bytes)) continue;
    report(driver, device, status, describe(), destination_, address, bytes);
    fail(CUDA_ERROR_INVALID_VALUE);
  }
}

CUresult FillWork::run(Execution& execution) const {
  const std::uint64_t bytes = parameters_.width * parameters_.elementSize;
  for (std::size_t row = 0; bytes > 0 && row < parameters_.height; ++row) {
    const std::uint64_t address = parameters_.dst + row * parameters_.pitch;
    if (destination_.space) {
      const MemoryStatus status = destination_.space->fill(address, parameters_.value, parameters_.elementSize, bytes);
      if (status != MemoryStatus::ok) {
        report(execution.driver, execution.device.ordinal, status, describe(), destination_, address, bytes);
        return CUDA_ERROR_ILLEGAL_ADDRESS;
      }
    } else {
      for (std::uint64_t i = 0; i < bytes; i += parameters_.elementSize)
        std::memcpy(reinterpret_cast<void*>(address + i), &parameters_.value, parameters_.elementSize);
    }
    add_access(execution.accesses, destination_, address, bytes, true);
  }
  return CUDA_SUCCESS;
}

CUresult LifetimeWork::run(Execution& execution) const {
  execution.accesses.push_back({address_, address_ + bytes_, true});
  if (!frees_) return CUDA_SUCCESS;
  // Nobody may use it any more, so that the order is judged before the memory goes.
  return execution.device.memory->free(address_) == MemoryStatus::ok ? CUDA_SUCCESS : CUDA_ERROR_ILLEGAL_ADDRESS;
}

}  // namespace halyard::simulator
