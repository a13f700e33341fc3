#include "shared_place.h"

#include <algorithm>
#include <string>

namespace halyard::simulator {
namespace {

std::string name_of_block(const Block& block) {
  return "block " + std::to_string(block.rank) + " of the cluster";
}

void report_not_running(Warp& warp, const MicroOp& op, int lane, const std::string& explanation, LaunchError error) {
  warp.worker->report(warp, op, FindingKind::block_not_running, lane, 0, 0, explanation, error);
}

}  // namespace

SharedPlace locate_shared(const Warp& warp, std::uint64_t address) {
  address &= ~window_mask;
  std::vector<Block>& blocks = warp.block->cluster->blocks;
  const std::uint64_t rank = (address >> rank_shift) - 1;
  if (rank >= blocks.size()) return {warp.block, address};
  return {&blocks[rank], address - (std::uint64_t{rank + 1} << rank_shift)};
}

SharedPlace find_shared(Warp& warp, const MicroOp& op, Reach reach, std::uint64_t address, int lane) {
  const SharedPlace place = locate_shared(warp, address);
  if (place.block == warp.block) return place;
  if (reach == Reach::block) {
    warp.worker->report(
        warp, op, FindingKind::out_of_bounds, lane, place.offset, 0,
        "shared memory of " + name_of_block(*place.block) + ", by an instruction that reaches the block's own alone",
        LaunchError::illegal_address);
    return {};
  }
  if (!visit_block(warp, op, *place.block, lane)) return {};
  return place;
}

bool visit_block(Warp& warp, const MicroOp& op, Block& other, int lane) {
  if (&other == warp.block) return true;
  if (other.has_ended) {
    report_not_running(warp, op, lane, "shared memory of " + name_of_block(other) + ", which has ended",
                       LaunchError::illegal_address);
    return false;
  }
  if (!warp.worker->context().options.check_races) return true;
  if ((warp.met >> other.rank & 1) == 0) {
    const bool has_begun = std::any_of(other.warps.begin(), other.warps.end(),
                                       [&](const Warp& w) { return warp.known.generic[w.number] > 1; });
    if (!has_begun)
      report_not_running(warp, op, lane,
                         "shared memory of " + name_of_block(other) +
                             ", which may not have begun: no barrier of the cluster lies between",
                         LaunchError::none);
    warp.met |= 1u << other.rank;
  }
  other.visits[warp.number] = warp.clock;
  return true;
}

void end_of_block(Warp& last) {
  Block& block = *last.block;
  block.has_ended = true;
  if (block.cluster->blocks.size() == 1 || !last.worker->context().options.check_races) return;
  Knowledge known;
  for (const Warp& warp : block.warps) known.join(warp.known);
  const auto is_open = [&](const Warp& warp) {
    return warp.block != &block && block.visits[warp.number] > known.generic[warp.number];
  };
  const MicroOp& op = last.code[last.pc > 0 ? last.pc - 1 : 0];
  for (const Block& other : block.cluster->blocks)
    if (std::any_of(other.warps.begin(), other.warps.end(), is_open))
      return report_not_running(last, op, 0,
                                "the block ends while " + name_of_block(other) +
                                    " uses its shared memory: no barrier of the cluster lies between",
                                LaunchError::none);
  for (const auto& [offset, barrier] : block.memory_barriers)
    if (barrier.is_filled_by_others())
      return report_not_running(last, op, 0,
                                "the block ends while a copy of another block fills its shared memory: nobody has "
                                "waited at the mbarrier at " +
                                    std::to_string(offset),
                                LaunchError::none);
}

}  // namespace halyard::simulator
