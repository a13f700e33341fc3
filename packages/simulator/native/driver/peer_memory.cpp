#include "peer_memory.h"

#include <algorithm>

namespace halyard::simulator {

namespace {

/// Whether a context of `viewer` was let into one of `owner`, or into this one if it is given.
bool has_context_access(const Driver& driver, const Device& viewer, const Device& owner, const Context* context) {
  return std::any_of(driver.contexts.all().begin(), driver.contexts.all().end(), [&](const auto& entry) {
    const auto& peers = entry.second->peers;
    return entry.second->device == &viewer && std::any_of(peers.begin(), peers.end(), [&](const Context* peer) {
             return peer->device == &owner && (context == nullptr || peer == context);
           });
  });
}

void add_foreign(const Driver& driver, const Device& viewer, const Device& owner, MemorySnapshot& visible) {
  const auto theirs = owner.memory->snapshot();
  for (const MemoryRange& range : theirs->ranges) {
    // Memory of the host is every device's own.
    if (range.initialized == nullptr) continue;
    if (has_peer_access(driver, viewer, owner, range.begin))
      visible.ranges.push_back(range);
    else
      visible.closed.push_back({range.begin, range.end, owner.ordinal});
  }
  visible.owners.push_back(std::const_pointer_cast<MemorySnapshot>(theirs));
}

}  // namespace

bool can_be_peers(const Driver& driver, int one, int other) {
  const auto& pairs = driver.configuration.peers;
  return std::any_of(pairs.begin(), pairs.end(), [&](const std::pair<int, int>& pair) {
    return pair == std::pair(one, other) || pair == std::pair(other, one);
  });
}

bool has_peer_access(const Driver& driver, const Device& viewer, const Device& owner, std::uint64_t begin) {
  if (const auto mapping = driver.mappings.find(begin); mapping != driver.mappings.end())
    return mapping->second.access.contains(viewer.ordinal);
  const auto allocation = driver.allocations.find(begin);
  // What is no allocation is a variable of a module.
  if (allocation == driver.allocations.end()) return has_context_access(driver, viewer, owner, nullptr);
  if (allocation->second.pool) return allocation->second.pool->access.contains(viewer.ordinal);
  return has_context_access(driver, viewer, owner, allocation->second.context.get());
}

std::shared_ptr<const MemorySnapshot> visible_memory(Driver& driver, Device& viewer) {
  auto own = viewer.memory->snapshot();
  if (driver.devices.size() == 1) return own;
  auto visible = std::make_shared<MemorySnapshot>(*own);
  for (const auto& device : driver.devices)
    if (device.get() != &viewer) add_foreign(driver, viewer, *device, *visible);
  std::sort(visible->ranges.begin(), visible->ranges.end(),
            [](const MemoryRange& a, const MemoryRange& b) { return a.begin < b.begin; });
  return visible;
}

}  // namespace halyard::simulator
