#include <cstdint>

#include "../access/access.h"
#include "../access/shared_place.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// op.a: address (op.immediate added; wide_address: of 64 bits), op.b: count, bytes, state or parity, op.d: state or
// predicate.
constexpr std::uint16_t wide_address = 1, expects_bytes = 2, may_not_complete = 4, drops = 8, by_parity = 16,
                        subtracts = 32, gives_state = 64, reaches_cluster = 128, counts_itself = 256;

// A state names a phase, and how many arrivals it waited for.
u64 state_of(const MemoryBarrier& barrier) {
  return u64{barrier.phase} << 32 | barrier.pending;
}

/// Calls `visit(lane, block, offset)` for each active lane until the warp has failed.
template <class Visit>
void each_place(Warp& w, const MicroOp& op, Visit visit) {
  u64 addresses[lanes];
  load_addresses(w, op, op.flags & wide_address, addresses);
  const Reach reach = op.flags & reaches_cluster ? Reach::cluster : Reach::block;
  each_lane(w.mask, [&](int l) {
    if (w.state == WarpState::failed) return;
    const SharedPlace place = find_shared(w, op, reach, addresses[l], l);
    if (place.block != nullptr) visit(l, *place.block, place.offset);
  });
}

/// The same for the mbarriers there, which have to have been initialized.
template <class Visit>
void each_barrier(Warp& w, const MicroOp& op, Visit visit) {
  each_place(w, op, [&](int l, Block& block, u64 offset) {
    MemoryBarrier* barrier = find_memory_barrier(w, op, block, offset, l);
    if (barrier != nullptr) visit(l, *barrier, offset);
  });
}

void initialize(Warp& w, const MicroOp& op) {
  each_place(w, op, [&](int l, Block& block, u64 offset) {
    const u32 count = w.at<u32>(op.b)[l];
    if (count == 0 || count > MemoryBarrier::most) {
      w.worker->report(w, op, FindingKind::invalid_instruction, l, offset, MemoryBarrier::bytes,
                       "an mbarrier for " + std::to_string(count) + " arrivals", LaunchError::illegal_instruction);
      return;
    }
    u64 addresses[lanes] = {};
    addresses[l] = offset;
    Access access;
    if (!prepare(w, op, Space::shared, Direction::store, addresses, 1u << l, MemoryBarrier::bytes, access)) return;
    std::memset(access.pointers[l], 0, MemoryBarrier::bytes);
    MemoryBarrier barrier;
    barrier.expected = barrier.pending = count;
    block.memory_barriers[static_cast<u32>(offset)] = std::move(barrier);
  });
}

void invalidate(Warp& w, const MicroOp& op) {
  each_barrier(w, op,
               [&](int, MemoryBarrier&, u64 offset) { w.block->memory_barriers.erase(static_cast<u32>(offset)); });
}

/// expect_tx and complete_tx.
void count_bytes(Warp& w, const MicroOp& op) {
  each_barrier(w, op, [&](int l, MemoryBarrier& barrier, u64) {
    const std::int64_t bytes = w.at<u32>(op.b)[l];
    if (!add_transactions(w, op, barrier, op.flags & subtracts ? -bytes : bytes, l)) return;
    barrier.complete_if_done();
  });
}

void arrive(Warp& w, const MicroOp& op) {
  ++w.worker->counters().barriers;
  u64 states[lanes] = {};
  each_barrier(w, op, [&](int l, MemoryBarrier& barrier, u64 offset) {
    states[l] = state_of(barrier);
    const u32 given = w.at<u32>(op.b)[l], count = op.flags & expects_bytes ? 1 : given;
    if (op.flags & expects_bytes && !add_transactions(w, op, barrier, given, l)) return;
    const bool completes = count == barrier.pending && barrier.transactions == 0;
    if (count == 0 || count > barrier.pending || (completes && op.flags & may_not_complete)) {
      w.worker->report(w, op, FindingKind::invalid_instruction, l, offset, MemoryBarrier::bytes,
                       std::to_string(count) + " arrivals at an mbarrier that waits for " +
                           std::to_string(barrier.pending) + (completes ? " and may not be completed here" : ""),
                       LaunchError::illegal_instruction);
      return;
    }
    release(w, barrier.arriving);
    barrier.pending -= count;
    if (op.flags & drops) barrier.expected -= count;
    barrier.complete_if_done();
  });
  advance_clock(w);
  if (op.flags & gives_state) store_lanes(w.at<u64>(op.d), states, w.mask);
}

/// `cp.async.mbarrier.arrive`: copies move at once, so that the arrival behind them comes at once; what they brought is
/// for those who wait. Nothing else that the warp did is released by it.
void arrive_behind_copies(Warp& w, const MicroOp& op) {
  ++w.worker->counters().barriers;
  const CopyBatch batch{w.index, w.copy_batch++};
  each_barrier(w, op, [&](int l, MemoryBarrier& barrier, u64 offset) {
    if (op.flags & counts_itself) ++barrier.pending;
    if (barrier.pending == 0 || barrier.pending > MemoryBarrier::most) {
      w.worker->report(w, op, FindingKind::invalid_instruction, l, offset, MemoryBarrier::bytes,
                       "an arrival behind copies at an mbarrier that waits for " + std::to_string(barrier.pending),
                       LaunchError::illegal_instruction);
      return;
    }
    if (barrier.bringing.empty() || barrier.bringing.back() != batch) barrier.bringing.push_back(batch);
    --barrier.pending;
    barrier.complete_if_done();
  });
}

void wait(Warp& w, const MicroOp& op) {
  u32 complete = 0;
  each_barrier(w, op, [&](int l, MemoryBarrier& barrier, u64 offset) {
    const bool is_complete = op.flags & by_parity ? (barrier.phase & 1) != (w.at<u32>(op.b)[l] & 1)
                                                  : barrier.phase != w.at<u64>(op.b)[l] >> 32;
    if (is_complete) {
      observe(w, barrier);
      complete |= 1u << l;
    } else {
      w.awaited_barrier = static_cast<int>(offset);
      w.awaited_phase = barrier.phase;
    }
  });
  if (w.state == WarpState::failed) return;
  w.set_predicate(op.d, complete);
  if (complete == w.mask) {
    w.awaited_barrier = -1;
    ++w.block->cluster->completed_waits;
  } else {
    w.state = WarpState::yielded;  // until the phase ends, or nobody else gets on
  }
}

MicroOp& emit_on_barrier(Emitter& emitter, Handler handler, const Operand& address, u32 b, u32 flags) {
  bool is_wide = false;
  std::int64_t offset = 0;
  const u32 a = emitter.address_base(address, is_wide, offset);
  MicroOp& op = emitter.emit(handler, InstructionClass::barrier);
  op.a = a, op.b = b, op.immediate = static_cast<u64>(offset);
  const u32 reach = emitter.has("shared::cluster") ? reaches_cluster : 0;
  op.flags = static_cast<std::uint16_t>(flags | reach | (is_wide ? wide_address : 0));
  return op;
}

void emit_arrival(Emitter& emitter, bool drops_out) {
  std::size_t next = emitter.operand(0).kind == Operand::Kind::address ? 0 : 1;
  u32 flags = (drops_out ? drops : 0) | (emitter.has("noComplete") ? may_not_complete : 0) |
              (emitter.has("expect_tx") ? expects_bytes : 0);
  u32 state = 0;
  if (next == 1 && emitter.operand(0).kind != Operand::Kind::sink) {
    state = emitter.destination(emitter.operand(0));
    flags |= gives_state;
  }
  const Operand& address = emitter.operand(next++);
  const u32 count = next < emitter.operands() ? emitter.narrow(emitter.operand(next)) : emitter.constant(1, false);
  MicroOp& op = emit_on_barrier(emitter, arrive, address, count, flags);
  op.d = state, op.detail = TraceDetail::arrival;
}

void emit_wait(Emitter& emitter) {
  const u32 d = emitter.predicate(emitter.operand(0));
  const bool parity = emitter.has("parity");
  const u32 b = parity ? emitter.narrow(emitter.operand(2)) : emitter.wide(emitter.operand(2));
  MicroOp& op = emit_on_barrier(emitter, wait, emitter.operand(1), b, parity ? by_parity : 0);
  op.d = d, op.detail = TraceDetail::wait;
}

}  // namespace

namespace decoders {

void copy_arrival(Emitter& emitter) {
  const u32 flags = emitter.has("noinc") ? 0 : counts_itself;
  emit_on_barrier(emitter, arrive_behind_copies, emitter.operand(0), 0, flags).detail = TraceDetail::arrival;
}

void mbarrier(Emitter& emitter) {
  const std::string_view what = emitter.statement().parts.size() > 1 ? emitter.statement().parts[1] : "";
  if (what == "init") {
    emit_on_barrier(emitter, initialize, emitter.operand(0), emitter.narrow(emitter.operand(1)), 0);
  } else if (what == "inval") {
    emit_on_barrier(emitter, invalidate, emitter.operand(0), 0, 0);
  } else if (what == "expect_tx" || what == "complete_tx") {
    emit_on_barrier(emitter, count_bytes, emitter.operand(0), emitter.narrow(emitter.operand(1)),
                    what == "complete_tx" ? subtracts : 0);
  } else if (what == "arrive" || what == "arrive_drop") {
    emit_arrival(emitter, what == "arrive_drop");
  } else if (what == "test_wait" || what == "try_wait") {
    emit_wait(emitter);
  } else if (what == "pending_count") {
    const u32 d = emitter.destination(emitter.operand(0)), a = emitter.wide(emitter.operand(1));
    MicroOp& op = emitter.emit(
        [](Warp& w, const MicroOp& op) {
          u32 counts[lanes];
          for (int l = 0; l < lanes; ++l) counts[l] = static_cast<u32>(w.at<u64>(op.a)[l]);
          store_lanes(w.at<u32>(op.d), counts, w.mask);
        },
        InstructionClass::barrier);
    op.d = d, op.a = a;
  } else {
    emitter.unsupported();
  }
}

}  // namespace decoders
}  // namespace halyard::simulator
