#include <cstdint>

#include "../worker.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Blocks are simulated one by one, so that the only shared memory within reach is a block's own.

/// op.a: address, op.b: rank of a block within the cluster; op.flags: of 64 bits.
void map_address(Warp& w, const MicroOp& op) {
  const Dimensions& cluster = w.worker->context().configuration.cluster;
  const u32* block = w.block->index;
  const u32 own = block[0] % cluster.x + cluster.x * (block[1] % cluster.y + cluster.y * (block[2] % cluster.z));
  const u32* ranks = w.at<u32>(op.b);
  each_lane(w.mask, [&](int l) {
    if (ranks[l] == own || w.state == WarpState::failed) return;
    w.worker->report(w, op, FindingKind::invalid_instruction, l, 0, 0,
                     "shared memory of block " + std::to_string(ranks[l]) +
                         " of the cluster; the simulator knows a block's own alone",
                     LaunchError::illegal_instruction);
  });
  if (op.flags)
    store_lanes(w.at<u64>(op.d), w.at<u64>(op.a), w.mask);
  else
    store_lanes(w.at<u32>(op.d), w.at<u32>(op.a), w.mask);
}

/// Whatever shared address there is names the own block.
void find_rank(Warp& w, const MicroOp& op) {
  const Dimensions& cluster = w.worker->context().configuration.cluster;
  const u32* block = w.block->index;
  u32 ranks[lanes];
  for (u32& rank : ranks)
    rank = block[0] % cluster.x + cluster.x * (block[1] % cluster.y + cluster.y * (block[2] % cluster.z));
  store_lanes(w.at<u32>(op.d), ranks, w.mask);
}

void arrive(Warp& w, const MicroOp& op) {
  if (w.worker->context().configuration.cluster.count() > 1) {
    w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(w.mask), 0, 0,
                     "a barrier of a cluster of several blocks, which the simulator runs one after another",
                     LaunchError::illegal_instruction);
    return;
  }
  ++w.worker->counters().barriers;
  ClusterBarrier& barrier = w.block->cluster_barrier;
  w.cluster_phase = barrier.phase;
  ++barrier.arrived;
  release(w, barrier.arriving);
  advance_clock(w);
  complete_cluster_barrier(*w.block);
}

void wait(Warp& w, const MicroOp& op) {
  const ClusterBarrier& barrier = w.block->cluster_barrier;
  if (barrier.phase != w.cluster_phase) return acquire(w, barrier.completed);
  w.state = WarpState::waiting;
  w.waits_for_cluster = true;
  w.waiting_op = &op;
}

}  // namespace

void complete_cluster_barrier(Block& block) {
  ClusterBarrier& barrier = block.cluster_barrier;
  u32 alive = 0;
  for (const Warp& warp : block.warps) alive += warp.state != WarpState::finished;
  if (barrier.arrived == 0 || barrier.arrived < alive) return;
  barrier.arrived = 0;
  ++barrier.phase;
  barrier.completed = std::move(barrier.arriving);
  barrier.arriving.clear();
  for (Warp& warp : block.warps) {
    if (!warp.waits_for_cluster) continue;
    acquire(warp, barrier.completed);
    warp.waits_for_cluster = false;
    warp.waiting_op = nullptr;
    warp.state = WarpState::ready;
  }
}

namespace decoders {

void cluster_barrier(Emitter& emitter) {
  emitter.emit(emitter.has("arrive") ? arrive : wait, InstructionClass::barrier);
}

void mapa(Emitter& emitter) {
  const bool is_wide = is_wide_type(emitter.type());
  const u32 d = emitter.destination(emitter.operand(0)), a = emitter.source(emitter.operand(1), emitter.type()),
            b = emitter.narrow(emitter.operand(2));
  MicroOp& op = emitter.emit(map_address, InstructionClass::integer);
  op.d = d, op.a = a, op.b = b, op.flags = is_wide;
}

void getctarank(Emitter& emitter) {
  const u32 d = emitter.destination(emitter.operand(0));
  emitter.emit(find_rank, InstructionClass::integer).d = d;
}

}  // namespace decoders
}  // namespace halyard::simulator
