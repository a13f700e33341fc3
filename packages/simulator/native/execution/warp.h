#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../ptx/program.h"
#include "asynchronous/product_registers.h"
#include "asynchronous/reads_in_flight.h"
#include "finding.h"
#include "lanes.h"
#include "order.h"

namespace halyard::simulator {

struct Block;
class Worker;

/// Lanes that wait: for the others to arrive at `reconvergence`, or for their turn.
struct Divergence {
  std::uint32_t mask = 0;
  std::uint32_t pc = 0;
  std::uint32_t reconvergence = no_target;
};

enum class WarpState : std::uint8_t { ready, waiting, yielded, finished, failed };

/// What a call leaves behind and takes up again.
struct CallFrame {
  const Program* program = nullptr;
  std::byte* frame = nullptr;
  std::byte* parameters = nullptr;
  std::uint32_t return_pc = 0;
  std::uint32_t active = 0;
  std::uint32_t reconvergence = no_target;
  std::uint32_t local_base = 0;
  std::size_t divergences = 0;  ///< height of the stack of divergences at the call
  const MicroOp* call = nullptr;
  std::vector<std::byte> callee_frame;  ///< memory of the callee
  std::vector<std::byte> callee_parameters;
};

/// An asynchronous copy into shared memory that was issued.
struct PendingCopy {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  std::uint32_t group = 0;
  std::uint32_t batch = 0;
};

/// 32 threads in step.
struct Warp {
  // What every instruction touches.
  const MicroOp* code = nullptr;
  std::byte* frame = nullptr;
  std::uint32_t pc = 0;
  std::uint32_t active = 0;  ///< lanes at this place of the program
  std::uint32_t mask = 0;    ///< lanes that do the present instruction
  std::uint32_t live = 0;    ///< lanes that have not ended
  std::uint32_t reconvergence = no_target;
  std::uint32_t carry = 0;  ///< CC.CF
  WarpState state = WarpState::ready;

  const Program* program = nullptr;
  Worker* worker = nullptr;
  Block* block = nullptr;
  std::uint32_t index = 0;          ///< in the block
  std::uint32_t number = 0;         ///< in the cluster
  std::uint32_t clock = 1;          ///< of this warp, for races: goes up when it releases
  std::uint32_t landing_clock = 1;  ///< goes up when a copy that this warp waited for has landed
  Knowledge known;                  ///< of the other warps' work
  std::uint32_t seen_by_all = 0;    ///< the least clock in `known.generic` over the other warps
  std::uint32_t fenced_clock = 1;   ///< up to which its work is behind a fence
  std::uint32_t met = 0;            ///< blocks of the cluster, by rank, that are known to have begun
  std::vector<Divergence> divergences;
  std::vector<CallFrame> calls;
  std::byte* parameters = nullptr;  ///< area of parameters: `parameter_bytes` per lane, one lane after another
  std::byte* local = nullptr;       ///< local memory of lane 0
  std::uint32_t local_stride = 0;
  std::uint32_t local_base = 0;  ///< of the present function
  std::vector<PendingCopy> copies;
  std::uint32_t copy_group = 0;                 ///< the group being filled
  std::uint32_t copy_batch = 0;                 ///< what the next arrival behind copies waits for, and all before
  std::vector<AsynchronousRead> bulk_reads;     ///< of bulk copies out of shared memory
  std::uint32_t bulk_group[lanes] = {};         ///< the group that each lane is filling
  std::vector<AsynchronousRead> product_reads;  ///< of matrix products
  ProductRegisters products;
  std::uint32_t product_group = 0;     ///< that is being filled
  std::uint32_t products_issued = 0;   ///< all, from the start
  std::uint32_t awaited_products = 0;  ///< so many have to be issued by the whole warpgroup before this warp goes on
  std::uint64_t instructions = 0;
  int waiting_barrier = -1;
  std::uint32_t barrier_result = 0;
  const MicroOp* waiting_op = nullptr;
  std::uint32_t cluster_phase = 0;       ///< of the cluster's barrier, that this warp's arrival counts for
  std::uint32_t arrived_at_cluster = 0;  ///< lanes that have yet to wait there
  bool waits_for_cluster = false;
  std::uint32_t awaited_phase = 0;  ///< of the mbarrier below
  int awaited_barrier = -1;         ///< offset of the mbarrier that was not yet complete when it was looked at last

  template <class T>
  T* at(std::uint32_t offset) const {
    return reinterpret_cast<T*>(frame + offset);
  }
  std::uint32_t& predicate(std::uint32_t offset) const { return *at<std::uint32_t>(offset); }
  const std::uint32_t* list(const MicroOp& op) const { return program->slots.data() + op.list; }
  void set_predicate(std::uint32_t offset, std::uint32_t bits) const {
    std::uint32_t& p = predicate(offset);
    p = (p & ~mask) | (bits & mask);
  }
  /// Ends the lanes of a mask, and goes on with whoever is left.
  void end_lanes(std::uint32_t mask);
  /// Goes on with lanes that wait; called when no active lane is left or all met.
  void resume();
};

}  // namespace halyard::simulator
