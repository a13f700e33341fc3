#include <cstdint>
#include <string>

#include "../access/shared_place.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// op.flags of the barrier
constexpr u32 is_aligned = 1, is_relaxed = 2;

/// op.a: address, op.b: rank of a block within the cluster; op.flags: of 64 bits.
void map_address(Warp& w, const MicroOp& op) {
  const u32* ranks = w.at<u32>(op.b);
  u64 mapped[lanes] = {};
  each_lane(w.mask, [&](int l) {
    const u64 address = op.flags ? w.at<u64>(op.a)[l] : w.at<u32>(op.a)[l];
    const auto blocks = w.block->cluster->blocks.size();
    if (ranks[l] < blocks) {
      mapped[l] = (address & window_mask) | cluster_address(ranks[l], locate_shared(w, address).offset);
    } else if (w.state != WarpState::failed) {
      w.worker->report(w, op, FindingKind::invalid_instruction, l, 0, 0,
                       "block " + std::to_string(ranks[l]) + " of a cluster of " + std::to_string(blocks) + " blocks",
                       LaunchError::illegal_instruction);
    }
  });
  if (op.flags) return store_lanes(w.at<u64>(op.d), mapped, w.mask);
  u32 narrow[lanes];
  for (int l = 0; l < lanes; ++l) narrow[l] = static_cast<u32>(mapped[l]);
  store_lanes(w.at<u32>(op.d), narrow, w.mask);
}

/// op.a: address; op.flags: of 64 bits.
void find_rank(Warp& w, const MicroOp& op) {
  u32 ranks[lanes];
  for (int l = 0; l < lanes; ++l)
    ranks[l] = locate_shared(w, op.flags ? w.at<u64>(op.a)[l] : w.at<u32>(op.a)[l]).block->rank;
  store_lanes(w.at<u32>(op.d), ranks, w.mask);
}

/// False, and reported: the lanes are not those that the instruction is for.
bool require_lanes(Warp& w, const MicroOp& op, u32 wrong, const char* explanation) {
  if (op.flags & is_aligned && w.mask != w.live) {
    w.worker->report(w, op, FindingKind::divergent_barrier, std::countr_zero(w.live & ~w.mask), 0, 0,
                     "an aligned barrier of the cluster that only some lanes of the warp reach; the thread named does "
                     "not",
                     LaunchError::launch_failed);
    return false;
  }
  if (wrong == 0) return true;
  w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(wrong), 0, 0, explanation,
                   LaunchError::illegal_instruction);
  return false;
}

void arrive(Warp& w, const MicroOp& op) {
  if (!require_lanes(w, op, w.mask & w.arrived_at_cluster,
                     "a second arrival at the cluster's barrier, with no wait between"))
    return;
  ++w.worker->counters().barriers;
  Cluster& cluster = *w.block->cluster;
  ClusterBarrier& barrier = cluster.barrier;
  w.cluster_phase = barrier.phase;
  w.arrived_at_cluster |= w.mask;
  barrier.arrived += static_cast<u32>(std::popcount(w.mask));
  // Warps of one block are not told apart by fences.
  const bool releases_all = !(op.flags & is_relaxed) || cluster.blocks.size() == 1;
  release_until(w, releases_all ? w.clock : w.fenced_clock, barrier.arriving);
  advance_clock(w);
  complete_cluster_barrier(cluster);
}

void leave(Warp& w, const ClusterBarrier& barrier) {
  w.arrived_at_cluster &= ~w.mask;
  w.met = ~0u;
  acquire(w, barrier.completed);
}

void wait(Warp& w, const MicroOp& op) {
  if (!require_lanes(w, op, w.mask & ~w.arrived_at_cluster, "a wait for the cluster's barrier, with no arrival before"))
    return;
  const ClusterBarrier& barrier = w.block->cluster->barrier;
  if (barrier.phase != w.cluster_phase) return leave(w, barrier);
  w.state = WarpState::waiting;
  w.waits_for_cluster = true;
  w.waiting_op = &op;
}

u32 threads_alive(const Cluster& cluster) {
  u32 alive = 0;
  for (const Block& block : cluster.blocks)
    for (const Warp& warp : block.warps) alive += static_cast<u32>(std::popcount(warp.live));
  return alive;
}

}  // namespace

void complete_cluster_barrier(Cluster& cluster) {
  ClusterBarrier& barrier = cluster.barrier;
  if (barrier.arrived == 0 || barrier.arrived < threads_alive(cluster)) return;
  barrier.arrived = 0;
  ++barrier.phase;
  barrier.completed = std::move(barrier.arriving);
  barrier.arriving.clear();
  for (Block& block : cluster.blocks)
    for (Warp& warp : block.warps) {
      if (!warp.waits_for_cluster) continue;
      leave(warp, barrier);
      warp.waits_for_cluster = false;
      warp.waiting_op = nullptr;
      warp.state = WarpState::ready;
    }
}

std::string missing_of(const Cluster& cluster) {
  return std::to_string(cluster.barrier.arrived) + " of " + std::to_string(threads_alive(cluster)) +
         " threads have arrived";
}

namespace decoders {

void cluster_barrier(Emitter& emitter) {
  const u32 flags = (emitter.has("aligned") ? is_aligned : 0) | (emitter.has("relaxed") ? is_relaxed : 0);
  MicroOp& op = emitter.emit(emitter.has("arrive") ? arrive : wait, InstructionClass::barrier);
  op.flags = static_cast<std::uint16_t>(flags);
}

void mapa(Emitter& emitter) {
  const bool is_wide = is_wide_type(emitter.type());
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), emitter.type()),
            b = emitter.narrow(emitter.operand(2));
  MicroOp& op = emitter.emit(map_address, InstructionClass::integer);
  op.d = d, op.a = a, op.b = b, op.flags = is_wide;
}

void getctarank(Emitter& emitter) {
  const bool is_wide = is_wide_type(emitter.type());
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), emitter.type());
  MicroOp& op = emitter.emit(find_rank, InstructionClass::integer);
  op.d = d, op.a = a, op.flags = is_wide;
}

}  // namespace decoders
}  // namespace halyard::simulator
