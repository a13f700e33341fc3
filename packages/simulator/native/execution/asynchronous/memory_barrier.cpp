#include "memory_barrier.h"

#include <algorithm>

#include "../access/faults.h"

namespace halyard::simulator {

void MemoryBarrier::complete_if_done() {
  if (pending != 0 || transactions != 0) return;
  ++phase;
  pending = expected;
  completed.join(arriving);
  arriving.clear();
  filled.insert(filled.end(), filling.begin(), filling.end());
  filling.clear();
  brought.insert(brought.end(), bringing.begin(), bringing.end());
  bringing.clear();
}

std::string MemoryBarrier::missing() const {
  std::string arrivals, bytes;
  if (pending != 0) arrivals = std::to_string(pending) + " of " + std::to_string(expected) + " arrivals are missing";
  if (transactions > 0) bytes = std::to_string(transactions) + " bytes are missing";
  if (transactions < 0) bytes = std::to_string(-transactions) + " bytes came that nobody expected";
  return arrivals + (pending != 0 && transactions != 0 ? ", " : "") + bytes;
}

bool MemoryBarrier::is_filled_by_others() const {
  const auto is_by_others = [](const SharedStretch& stretch) { return stretch.is_by_others; };
  return std::any_of(filling.begin(), filling.end(), is_by_others) ||
         std::any_of(filled.begin(), filled.end(), is_by_others);
}

MemoryBarrier* find_memory_barrier(Warp& warp, const MicroOp& op, Block& block, std::uint64_t offset, int lane) {
  constexpr std::uint32_t bytes = MemoryBarrier::bytes;
  if (offset % bytes != 0) {
    warp.worker->report(warp, op, FindingKind::misaligned_access, lane, offset, bytes,
                        "an mbarrier whose address is no multiple of 8", LaunchError::misaligned_address);
    return nullptr;
  }
  if (offset + bytes > block.shared_bytes) {
    shared_out_of_bounds(warp, op, Direction::atomic, offset, bytes, lane);
    return nullptr;
  }
  const auto found = block.memory_barriers.find(static_cast<std::uint32_t>(offset));
  if (found == block.memory_barriers.end()) {
    warp.worker->report(warp, op, FindingKind::invalid_instruction, lane, offset, bytes,
                        "no mbarrier was initialized at this place", LaunchError::illegal_instruction);
    return nullptr;
  }
  if (warp.worker->context().options.check_races) {
    std::uint32_t other = 0;
    const SharedFault fault = block.shadow.check(warp, static_cast<std::uint32_t>(offset), bytes, other);
    if (fault != SharedFault::none) report_shared(warp, op, fault, offset, bytes, lane, other);
  }
  return &found->second;
}

bool add_transactions(Warp& warp, const MicroOp& op, MemoryBarrier& barrier, std::int64_t bytes, int lane) {
  barrier.transactions += bytes;
  if (barrier.transactions <= MemoryBarrier::most && barrier.transactions >= -MemoryBarrier::most) return true;
  warp.worker->report(warp, op, FindingKind::transaction_overflow, lane, 0, 0,
                      "an mbarrier that counts " + std::to_string(barrier.transactions) + " bytes; at most " +
                          std::to_string(MemoryBarrier::most) + " can be under way",
                      LaunchError::launch_failed);
  return false;
}

void observe(Warp& warp, MemoryBarrier& barrier) {
  if (!barrier.filled.empty() || !barrier.brought.empty()) {
    const bool checks = warp.worker->context().options.check_races;
    const auto land_copy = [&](const auto& copy) {
      if (checks) warp.block->shadow.land_copy(warp, copy.offset, copy.bytes);
    };
    for (const SharedStretch& stretch : barrier.filled) land_copy(stretch);
    for (const CopyBatch& done : barrier.brought)
      std::erase_if(warp.block->warps[done.warp].copies, [&](const PendingCopy& copy) {
        if (copy.batch > done.batch) return false;
        land_copy(copy);
        return true;
      });
    barrier.filled.clear();
    barrier.brought.clear();
    land(warp, barrier.completed);
  }
  acquire(warp, barrier.completed);
}

void share_landing(Warp& warp) {
  const auto has_own = [&](const std::vector<CopyBatch>& batches) {
    return std::any_of(batches.begin(), batches.end(),
                       [&](const CopyBatch& batch) { return batch.warp == warp.index; });
  };
  for (auto& [offset, barrier] : warp.block->memory_barriers) {
    if (has_own(barrier.bringing)) land(warp, barrier.arriving);
    if (has_own(barrier.brought)) land(warp, barrier.completed);
  }
  land(warp, warp.known);
}

}  // namespace halyard::simulator
