#include "order.h"

#include <algorithm>

#include "worker.h"

namespace halyard::simulator {
namespace {

using Clocks = std::vector<std::uint32_t>;

void join_clocks(Clocks& into, const Clocks& from) {
  if (into.size() < from.size()) into.resize(from.size(), 0);
  for (std::size_t w = 0; w < from.size(); ++w) into[w] = std::max(into[w], from[w]);
}

}  // namespace

void Knowledge::join(const Knowledge& other) {
  join_clocks(generic, other.generic);
  join_clocks(fenced, other.fenced);
  join_clocks(landed, other.landed);
}

void Knowledge::reset(std::size_t warps, std::uint32_t clock) {
  for (Clocks* clocks : {&generic, &fenced, &landed}) clocks->assign(warps, clock);
}

void Knowledge::clear() {
  for (Clocks* clocks : {&generic, &fenced, &landed}) clocks->clear();
}

void release(const Warp& warp, Knowledge& to) {
  release_until(warp, warp.clock, to);
}

void release_until(const Warp& warp, std::uint32_t clock, Knowledge& to) {
  to.join(warp.known);
  to.generic[warp.number] = std::max(to.generic[warp.number], clock);
}

void acquire(Warp& warp, const Knowledge& from) {
  warp.known.join(from);
  std::uint32_t least = ~0u;
  for (std::uint32_t other = 0; other < warp.known.generic.size(); ++other)
    if (other != warp.number) least = std::min(least, warp.known.generic[other]);
  warp.seen_by_all = warp.known.generic.size() == 1 ? warp.block->shadow.last_clock() : least;
}

void land(Warp& warp, Knowledge& to) {
  if (to.landed.size() <= warp.number) to.landed.resize(warp.number + 1, 0);
  to.landed[warp.number] = warp.landing_clock;
  if (++warp.landing_clock >= warp.block->shadow.last_landing_clock()) restart_clocks(*warp.block->cluster);
}

void advance_clock(Warp& warp) {
  if (++warp.clock >= warp.block->shadow.last_clock()) restart_clocks(*warp.block->cluster);
}

void restart_clocks(Cluster& cluster) {
  for (Block& block : cluster.blocks) {
    block.shadow.restart_clocks();
    for (Barrier& barrier : block.barriers) barrier.released.clear();
    for (auto& [offset, barrier] : block.memory_barriers) {
      barrier.arriving.clear();
      barrier.completed.clear();
    }
    for (Warpgroup& group : block.warpgroups) group.released.clear();
    block.visits.assign(cluster.warps, 0);
    for (Warp& warp : block.warps) {
      warp.clock = 2;
      warp.landing_clock = 2;
      warp.known.reset(cluster.warps, 1);
      warp.seen_by_all = 1;
      warp.fenced_clock = 1;
      warp.met = ~0u;
    }
  }
  cluster.barrier.arriving.clear();
  cluster.barrier.completed.clear();
}

}  // namespace halyard::simulator
