#include "faults.h"

#include <string>

namespace halyard::simulator {

const char* verb(Direction direction) {
  return direction == Direction::load || direction == Direction::copy_from ? "read"
         : direction == Direction::atomic                                  ? "atomic access"
                                                                           : "write";
}

bool is_write(Direction direction) {
  return direction != Direction::load && direction != Direction::copy_from;
}

bool misaligned(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask, std::uint32_t bytes,
                const char* space) {
  each_lane(mask, [&](int l) {
    if (addresses[l] & (bytes - 1))
      warp.worker->report(warp, op, FindingKind::misaligned_access, l, addresses[l], bytes,
                          "an access of " + std::to_string(bytes) + " bytes in " + space +
                              " memory whose address is no multiple of that",
                          LaunchError::misaligned_address);
  });
  return false;
}

bool global_out_of_bounds(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t address,
                          std::uint64_t bytes, int lane) {
  const MemorySnapshot& memory = *warp.worker->context().memory;
  const MemoryRange* range = memory.find(address);
  const ClosedRange* closed = memory.find_closed(address);
  const bool freed = range == nullptr && closed == nullptr && memory.was_freed(address);
  std::string text = std::string(verb(direction)) + " of " + std::to_string(bytes) + " bytes ";
  if (freed) {
    text += "in memory that was freed";
  } else if (closed != nullptr) {
    text += "in memory of device " + std::to_string(closed->device) + ", which this device was not let into";
  } else if (range != nullptr) {
    text += "across the end of an allocation of " + std::to_string(range->end - range->begin) + " bytes";
  } else if (address < 4096) {
    text += "at a null pointer";
  } else {
    const MemoryRange* before = nullptr;
    for (const MemoryRange& candidate : memory.ranges)
      if (candidate.end <= address) before = &candidate;
    text += "outside of every allocation";
    if (before != nullptr && address - before->end < (1u << 20))
      text += ", " + std::to_string(address - before->end) + " bytes behind the end of one of " +
              std::to_string(before->end - before->begin) + " bytes";
  }
  const FindingKind kind = freed               ? FindingKind::use_after_free
                           : closed != nullptr ? FindingKind::no_peer_access
                                               : FindingKind::out_of_bounds;
  warp.worker->report(warp, op, kind, lane, address,
                      static_cast<std::uint32_t>(bytes), std::move(text), LaunchError::illegal_address);
  return false;
}

bool shared_out_of_bounds(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t offset, std::uint64_t bytes,
                          int lane) {
  warp.worker->report(warp, op, FindingKind::out_of_bounds, lane, offset, static_cast<std::uint32_t>(bytes),
                      std::string(verb(direction)) + " of " + std::to_string(bytes) + " bytes outside of the block's " +
                          std::to_string(warp.block->shared_bytes) + " bytes of shared memory",
                      LaunchError::illegal_address);
  return false;
}

void uninitialized(Warp& warp, const MicroOp& op, std::uint64_t address, std::uint32_t bytes, int lane,
                   const char* space) {
  warp.worker->report(warp, op, FindingKind::uninitialized_read, lane, address, bytes,
                      std::string("a read of ") + space + " memory that nobody has written");
}

namespace {

/// "warp 3", with its block if there are several.
std::string name_of_warp(const Warp& warp, int number) {
  const std::size_t warps = warp.block->warps.size(), which = static_cast<std::size_t>(number);
  std::string name = "warp " + std::to_string(which % warps);
  if (warp.block->cluster->blocks.size() > 1) name += " of the cluster's block " + std::to_string(which / warps);
  return name;
}

}  // namespace

void report_shared(Warp& warp, const MicroOp& op, SharedFault fault, std::uint64_t offset, std::uint32_t bytes,
                   int lane, std::uint32_t other) {
  if (fault == SharedFault::uninitialized) return uninitialized(warp, op, offset, bytes, lane, "shared");
  if (fault == SharedFault::pending_copy)
    return warp.worker->report(warp, op, FindingKind::copy_not_waited_for, lane, offset, bytes,
                               "shared memory that an asynchronous copy fills, which has not been waited for");
  if (fault == SharedFault::read_in_flight)
    return warp.worker->report(warp, op, FindingKind::overwritten_in_flight, lane, offset, bytes,
                               "a write over shared memory that an asynchronous product or copy still reads");
  if (fault == SharedFault::unfenced)
    return warp.worker->report(warp, op, FindingKind::missing_proxy_fence, lane, offset, bytes,
                               "an asynchronous read of what " + name_of_warp(warp, warp.block->shadow.warp_of(other)) +
                                   " has written, with no fence.proxy.async between");
  const char* what = fault == SharedFault::read_after_write    ? "a read of what another warp has written"
                     : fault == SharedFault::write_after_write ? "a write over what another warp has written"
                                                               : "a write over what another warp has read";
  std::string text = std::string(what) + " with no barrier between";
  if (const int who = warp.block->shadow.warp_of(other); who >= 0)
    text += " (this is " + name_of_warp(warp, static_cast<int>(warp.number)) + ", the other " +
            name_of_warp(warp, who) + ")";
  warp.worker->report(warp, op, FindingKind::shared_memory_race, lane, offset, bytes, std::move(text));
}

}  // namespace halyard::simulator
