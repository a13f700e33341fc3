#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "initialized_map.h"

namespace halyard::simulator {

/// What a device has left; shared by everything that was taken from it.
struct MemoryBudget {
  explicit MemoryBudget(std::uint64_t bytes) : capacity(bytes) {}
  bool take(std::uint64_t bytes);
  void give(std::uint64_t bytes) { used.fetch_sub(bytes); }
  const std::uint64_t capacity;
  std::atomic<std::uint64_t> used{0};
};

/// Memory without an address of the device: zero pages of the host until touched, and the record of what was written.
class PhysicalMemory {
 public:
  /// Null when the budget or the host has no room.
  static std::shared_ptr<PhysicalMemory> create(std::shared_ptr<MemoryBudget> budget, std::uint64_t bytes);
  ~PhysicalMemory();
  PhysicalMemory(const PhysicalMemory&) = delete;
  PhysicalMemory& operator=(const PhysicalMemory&) = delete;

  std::byte* host() { return host_; }
  std::uint64_t bytes() const { return bytes_; }
  InitializedMap& initialized() { return initialized_; }

 private:
  PhysicalMemory(std::shared_ptr<MemoryBudget> budget, std::uint64_t bytes, std::uint64_t charged, std::byte* host);

  std::shared_ptr<MemoryBudget> budget_;
  std::uint64_t bytes_;
  std::uint64_t charged_;
  std::byte* host_;
  InitializedMap initialized_;
};

}  // namespace halyard::simulator
