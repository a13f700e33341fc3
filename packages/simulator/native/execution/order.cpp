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
  to.join(warp.known);
  to.generic[warp.index] = std::max(to.generic[warp.index], warp.clock);
}

void acquire(Warp& warp, const Knowledge& from) {
  warp.known.join(from);
  std::uint32_t least = ~0u;
  for (std::uint32_t other = 0; other < warp.known.generic.size(); ++other)
    if (other != warp.index) least = std::min(least, warp.known.generic[other]);
  warp.seen_by_all = warp.known.generic.size() == 1 ? SharedShadow::last_clock : least;
}

void land(Warp& warp, Knowledge& to) {
  if (to.landed.size() <= warp.index) to.landed.resize(warp.index + 1, 0);
  to.landed[warp.index] = warp.landing_clock;
  if (++warp.landing_clock >= SharedShadow::last_landing_clock) restart_clocks(*warp.block);
}

void advance_clock(Warp& warp) {
  if (++warp.clock >= SharedShadow::last_clock) restart_clocks(*warp.block);
}

void restart_clocks(Block& block) {
  block.shadow.restart_clocks();
  for (Barrier& barrier : block.barriers) barrier.released.clear();
  for (auto& [offset, barrier] : block.memory_barriers) {
    barrier.arriving.clear();
    barrier.completed.clear();
  }
  block.cluster_barrier.arriving.clear();
  block.cluster_barrier.completed.clear();
  for (Warpgroup& group : block.warpgroups) group.released.clear();
  for (Warp& warp : block.warps) {
    warp.clock = 2;
    warp.landing_clock = 2;
    warp.known.reset(block.warps.size(), 1);
    warp.seen_by_all = 1;
  }
}

}  // namespace halyard::simulator
