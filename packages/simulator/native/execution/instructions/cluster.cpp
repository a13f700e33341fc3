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

}  // namespace

namespace decoders {

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
