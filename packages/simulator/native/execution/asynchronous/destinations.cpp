#include "destinations.h"

#include <string>

#include "../access/faults.h"
#include "../access/shared_place.h"
#include "../access/stretch.h"

namespace halyard::simulator {
namespace {

void report_invalid(Warp& warp, const MicroOp& op, int lane, std::string explanation) {
  warp.worker->report(warp, op, FindingKind::invalid_instruction, lane, 0, 0, std::move(explanation),
                      LaunchError::illegal_instruction);
}

/// The blocks of a multicast that are within reach; none, and reported, if one is not.
std::vector<Destination> blocks_of(Warp& warp, const MicroOp& op, std::uint32_t ranks, int lane) {
  std::vector<Block>& blocks = warp.block->cluster->blocks;
  if (ranks == 0 || ranks >> blocks.size() != 0) {
    report_invalid(
        warp, op, lane,
        "a copy to blocks of mask " + std::to_string(ranks) + " in a cluster of " + std::to_string(blocks.size()));
    return {};
  }
  std::vector<Destination> result;
  for (Block& block : blocks) {
    if ((ranks >> block.rank & 1) == 0) continue;
    if (!visit_block(warp, op, block, lane)) return {};
    result.push_back({&block, nullptr});
  }
  return result;
}

}  // namespace

Destinations find_destinations(Warp& warp, const MicroOp& op, const FillAddresses& addresses, int lane) {
  const SharedPlace memory = find_shared(warp, op, Reach::cluster, addresses.memory, lane);
  if (memory.block == nullptr) return {};
  const SharedPlace barrier = find_shared(warp, op, Reach::cluster, addresses.barrier, lane);
  if (barrier.block == nullptr) return {};
  if (memory.block != barrier.block) {
    report_invalid(warp, op, lane, "a copy into one block that an mbarrier of another counts");
    return {};
  }
  Destinations to;
  to.stretch = {static_cast<std::uint32_t>(memory.offset), addresses.bytes, false};
  to.blocks = addresses.is_multicast ? blocks_of(warp, op, addresses.ranks, lane)
                                     : std::vector<Destination>{{memory.block, nullptr}};
  for (Destination& destination : to.blocks) {
    Block& block = *destination.block;
    destination.barrier = find_memory_barrier(warp, op, block, barrier.offset, lane);
    if (destination.barrier == nullptr || shared_stretch(warp, op, block, Direction::copy_to, memory.offset,
                                                         addresses.room, addresses.alignment, lane) == nullptr)
      return {};
  }
  return to;
}

void begin_fill(Warp& warp, const MicroOp& op, const Destinations& to, int lane) {
  if (!warp.worker->context().options.check_races) return;
  for (const Destination& destination : to.blocks) {
    Block& block = *destination.block;
    std::uint32_t other = 0;
    SharedFault fault = block.shadow.begin_copy(warp, to.stretch.offset, to.stretch.bytes, other);
    if (block.reads_in_flight.overlaps(to.stretch.offset, to.stretch.bytes)) fault = SharedFault::read_in_flight;
    if (fault != SharedFault::none) report_shared(warp, op, fault, to.stretch.offset, to.stretch.bytes, lane, other);
  }
}

void finish_fill(Warp& warp, const MicroOp& op, const Destinations& to, int lane) {
  for (const Destination& destination : to.blocks) {
    MemoryBarrier& barrier = *destination.barrier;
    if (!add_transactions(warp, op, barrier, -static_cast<std::int64_t>(to.stretch.bytes), lane)) return;
    barrier.filling.push_back({to.stretch.offset, to.stretch.bytes, destination.block != warp.block});
    barrier.complete_if_done();
  }
}

}  // namespace halyard::simulator
