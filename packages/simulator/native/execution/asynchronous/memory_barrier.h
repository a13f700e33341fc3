#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../order.h"

namespace halyard::simulator {

struct Block;
struct MicroOp;

/// Some bytes of a block's shared memory, which a bulk copy fills.
struct SharedStretch {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  bool is_by_others = false;  ///< by a copy of another block of the cluster
};

/// What a warp has copied until it asked for an arrival behind that. (`cp.async.mbarrier.arrive`)
struct CopyBatch {
  std::uint32_t warp = 0;
  std::uint32_t batch = 0;
  bool operator==(const CopyBatch&) const = default;
};

/// An mbarrier object; its 8 bytes of shared memory only name it. (PTX ISA, "mbarrier")
struct MemoryBarrier {
  static constexpr std::uint32_t bytes = 8;
  /// Counts of arrivals and of transactions lie within ± this.
  static constexpr std::int64_t most = (1 << 20) - 1;

  std::uint32_t expected = 0;     ///< arrivals per phase
  std::uint32_t pending = 0;      ///< of the present phase
  std::int64_t transactions = 0;  ///< bytes still to come; below 0 where a copy was faster than who expects it
  std::uint32_t phase = 0;        ///< the present one, from 0
  Knowledge arriving, completed;
  std::vector<SharedStretch> filling;  ///< by copies that count for the present phase
  std::vector<SharedStretch> filled;   ///< in phases that are complete; nobody has waited for them yet
  std::vector<CopyBatch> bringing, brought;  ///< the same of arrivals behind copies

  /// Goes on to the next phase if nothing is missing.
  void complete_if_done();
  /// "1 of 2 arrivals are missing, 4096 bytes are missing"
  std::string missing() const;
  /// Whether nobody has waited for some copy of another block.
  bool is_filled_by_others() const;
};

/// The mbarrier that starts at an offset in a block's shared memory, or null: the warp has failed, and why is reported.
MemoryBarrier* find_memory_barrier(Warp& warp, const MicroOp& op, Block& block, std::uint64_t offset, int lane);
/// `bytes` more (or, below 0, fewer) are to come. False: the warp has failed.
bool add_transactions(Warp& warp, const MicroOp& op, MemoryBarrier& barrier, std::int64_t bytes, int lane);
/// The warp has seen that a phase is complete: what its arrivals released and its copies brought is the warp's.
void observe(Warp& warp, MemoryBarrier& barrier);
/// The warp has waited by itself for copies that arrivals stand behind: whoever waits for these knows of it as well.
void share_landing(Warp& warp);

}  // namespace halyard::simulator
