#include <algorithm>
#include <cstdint>

#include "../access/shared_place.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;

enum class Reduction : std::uint8_t { none, all, any, population };

// op.a: number of the barrier, op.b: threads (op.flags & 1 says whether), op.c: predicate of a reduction
constexpr std::uint16_t has_count = 1, arrives_only = 2, reduces = 4;

void leave(Warp& warp, const Barrier& barrier) {
  const MicroOp& op = *warp.waiting_op;
  warp.state = WarpState::ready;
  warp.waiting_barrier = -1;
  warp.waiting_op = nullptr;
  acquire(warp, barrier.released);
  if (!(op.flags & reduces)) return;
  switch (static_cast<Reduction>(op.immediate)) {
    case Reduction::all:
      warp.predicate(op.d) = barrier.all ? ~0u : 0u;
      break;
    case Reduction::any:
      warp.predicate(op.d) = barrier.any ? ~0u : 0u;
      break;
    default:
      for (int l = 0; l < lanes; ++l) warp.at<u32>(op.d)[l] = barrier.population;
  }
}

u32 threads_alive(const Block& block) {
  u32 count = 0;
  for (const Warp& warp : block.warps)
    if (warp.state != WarpState::finished) count += lanes;
  return count;
}

bool uniform(const Warp& warp, u32 offset) {
  const u32* values = warp.at<u32>(offset);
  bool result = true;
  each_lane(warp.mask, [&](int l) { result = result && values[l] == values[std::countr_zero(warp.mask)]; });
  return result;
}

void open(Block& block, Barrier& barrier) {
  const u32 waiting = barrier.waiting;
  each_lane(waiting, [&](int w) { leave(block.warps[static_cast<std::size_t>(w)], barrier); });
  barrier = Barrier{};
}

void arrive(Warp& warp, const MicroOp& op) {
  Block& block = *warp.block;
  const u32 number = warp.at<u32>(op.a)[std::countr_zero(warp.mask)];
  const u32 count = op.flags & has_count ? warp.at<u32>(op.b)[std::countr_zero(warp.mask)] : 0;
  if (number >= named_barriers || count % lanes != 0 || !uniform(warp, op.a)) {
    warp.worker->report(warp, op, FindingKind::invalid_instruction, std::countr_zero(warp.mask), 0, 0,
                        "barrier " + std::to_string(number) + " for " + std::to_string(count) + " threads",
                        LaunchError::illegal_instruction);
    return;
  }
  if (warp.mask != warp.live) {
    warp.worker->report(warp, op, FindingKind::divergent_barrier, std::countr_zero(warp.live & ~warp.mask), 0, 0,
                        "a barrier that only " + std::to_string(std::popcount(warp.mask)) + " of " +
                            std::to_string(std::popcount(warp.live)) +
                            " lanes of the warp reach; the thread named does not",
                        LaunchError::launch_failed);
    return;
  }
  ++warp.worker->counters().barriers;
  Barrier& barrier = block.barriers[number];
  if (barrier.arrived > 0 && barrier.expected != count) {
    warp.worker->report(warp, op, FindingKind::divergent_barrier, std::countr_zero(warp.mask), 0, 0,
                        "barrier " + std::to_string(number) + " is waited for with different numbers of threads",
                        LaunchError::launch_failed);
    return;
  }
  barrier.expected = count;
  barrier.arrived += lanes;
  release(warp, barrier.released);
  advance_clock(warp);
  if (op.flags & reduces) {
    const u32 votes = (warp.predicate(op.c) ^ warp.list(op)[0]) & warp.mask;
    barrier.all = barrier.all && votes == warp.mask;
    barrier.any = barrier.any || votes != 0;
    barrier.population += static_cast<u32>(std::popcount(votes));
  }
  if (!(op.flags & arrives_only)) {
    warp.state = WarpState::waiting;
    warp.waiting_barrier = static_cast<int>(number);
    warp.waiting_op = &op;
    barrier.waiting |= 1u << warp.index;
  }
  if (barrier.arrived >= (count != 0 ? count : threads_alive(block))) open(block, barrier);
}

/// Lanes of a warp meet; what they wrote is in order anyway.
void warp_synchronize(Warp&, const MicroOp&) {}

}  // namespace

void end_of_warp(Warp& warp) {
  Block& block = *warp.block;
  if (std::all_of(block.warps.begin(), block.warps.end(), [](const Warp& w) { return w.state == WarpState::finished; }))
    end_of_block(warp);
  for (Barrier& barrier : block.barriers)
    if (barrier.arrived > 0 && barrier.expected == 0 && barrier.arrived >= threads_alive(block)) open(block, barrier);
  complete_cluster_barrier(*block.cluster);
}

namespace decoders {

void bar(Emitter& emitter) {
  if (emitter.has("warp")) {
    emitter.emit(warp_synchronize, InstructionClass::barrier);
    return;
  }
  if (emitter.has("cluster")) return cluster_barrier(emitter);
  const bool reduction = emitter.has("red"), arrival = emitter.has("arrive");
  std::size_t next = reduction ? 1 : 0;
  u32 d = 0, c = 0, b = 0;
  std::uint16_t flags = static_cast<std::uint16_t>((reduction ? reduces : 0) | (arrival ? arrives_only : 0));
  const bool population = emitter.has("popc");
  if (reduction) d = population ? emitter.destination(emitter.operand(0)) : emitter.predicate(emitter.operand(0));
  const u32 a = emitter.narrow(emitter.operand(next++));
  bool negated = false;
  if (reduction) {
    const Operand& last = emitter.operand(emitter.operands() - 1);
    c = emitter.predicate(last);
    negated = last.is_negated;
  }
  if (next + (reduction ? 1 : 0) < emitter.operands()) {
    b = emitter.narrow(emitter.operand(next));
    flags |= has_count;
  }
  const u32 list = emitter.add_list({negated ? ~0u : 0u});
  MicroOp& op = emitter.emit(arrive, InstructionClass::barrier);
  op.a = a, op.b = b, op.c = c, op.d = d, op.flags = flags, op.list = list, op.list_size = 1;
  op.detail = TraceDetail::barrier;
  op.immediate = static_cast<std::uint64_t>(population           ? Reduction::population
                                            : emitter.has("and") ? Reduction::all
                                                                 : Reduction::any);
}

}  // namespace decoders
}  // namespace halyard::simulator
