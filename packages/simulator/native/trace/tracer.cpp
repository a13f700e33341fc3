#include "tracer.h"

#include <algorithm>
#include <bit>

#include "../execution/block.h"
#include "instruction_facts.h"

namespace halyard::simulator {
namespace {

std::uint64_t sectors(const Counters& counters) {
  return counters.global_load_sectors + counters.global_store_sectors + counters.global_atomic_sectors;
}

std::uint64_t wavefronts(const Counters& counters) {
  return counters.shared_load_wavefronts + counters.shared_store_wavefronts;
}

std::uint16_t narrowed(std::uint64_t count) {
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(count, 0xffff));
}

}  // namespace

std::int64_t Tracer::begin_block(std::uint64_t number, std::size_t warps) {
  if (number < options_.first_block || number - options_.first_block >= options_.block_count) return -1;
  const auto first = static_cast<std::int64_t>(trace_.warps.size());
  for (std::size_t w = 0; w < warps; ++w) {
    WarpTrace& warp = trace_.warps.emplace_back();
    warp.block = number;
    warp.warp = static_cast<std::uint32_t>(w);
  }
  return first;
}

std::uint32_t Tracer::index_of(const Warp& warp, const MicroOp& op) {
  if (op.id >= indices_.size()) indices_.resize(op.id + 1);
  if (indices_[op.id] == 0) {
    places_.push_back({warp.program, &op, 0, 0});
    indices_[op.id] = static_cast<std::uint32_t>(places_.size());
  }
  return indices_[op.id] - 1;
}

void Tracer::note(const Warp& warp, const MicroOp& op, std::uint32_t mask, std::uint32_t detail, const Counters& before,
                  const Counters& after) {
  if (op.line == 0 || op.instruction_class == uncounted) return;  // not an instruction of the program
  if (op.detail == TraceDetail::wait && warp.state == WarpState::yielded) return;  // it is asked again
  WarpTrace& trace = trace_.warps[static_cast<std::size_t>(warp.block->first_trace) + warp.index];
  if (trace.instructions.size() >= options_.most_events) {
    trace.is_complete = false;
    return;
  }
  const std::uint32_t index = index_of(warp, op);
  Place& place = places_[index];
  for (int type = 0; type < matrix_types; ++type)
    if (const std::uint64_t count = after.matrix_multiply_adds[type] - before.matrix_multiply_adds[type]; count != 0)
      place.multiply_adds = count, place.matrix_type = type;
  trace.instructions.push_back(index);
  trace.lanes.push_back(static_cast<std::uint8_t>(std::popcount(mask)));
  trace.sectors.push_back(narrowed(sectors(after) - sectors(before)));
  trace.multicasts.push_back(narrowed(after.global_multicast_sectors - before.global_multicast_sectors));
  trace.wavefronts.push_back(narrowed(wavefronts(after) - wavefronts(before)));
  trace.details.push_back(detail);
}

Trace Tracer::take(const Module& module) {
  if (places_.empty()) return {};
  InstructionFacts facts(module);
  for (const Place& place : places_) {
    TracedInstruction instruction = facts.of(*place.program, *place.op);
    instruction.multiply_adds = place.multiply_adds;
    instruction.matrix_type = place.matrix_type;
    trace_.instructions.push_back(std::move(instruction));
  }
  return std::move(trace_);
}

}  // namespace halyard::simulator
