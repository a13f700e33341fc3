#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "asynchronous/memory_barrier.h"
#include "launch.h"
#include "../trace/tracer.h"
#include "shared_shadow.h"
#include "warp.h"

namespace halyard::simulator {

/// Generic addresses of spaces that are a block's or a thread's own.
inline constexpr std::uint64_t shared_window = std::uint64_t{1} << 60;
inline constexpr std::uint64_t local_window = std::uint64_t{2} << 60;
inline constexpr std::uint64_t parameter_window = std::uint64_t{3} << 60;
inline constexpr std::uint64_t window_mask = std::uint64_t{15} << 60;

inline constexpr int named_barriers = 16;

/// One of a block's barriers.
struct Barrier {
  std::uint32_t arrived = 0;   ///< threads, in whole warps
  std::uint32_t expected = 0;  ///< 0: all of the block
  std::uint32_t waiting = 0;   ///< warps
  Knowledge released;          ///< to everyone who leaves
  std::uint32_t population = 0;
  bool all = true, any = false;
};

/// That of a cluster, which is one block: arriving and waiting are instructions of their own.
struct ClusterBarrier {
  std::uint32_t arrived = 0;  ///< warps
  std::uint32_t phase = 0;
  Knowledge arriving, completed;
};

/// Four warps that multiply matrices together.
struct Warpgroup {
  static constexpr std::uint32_t warps = 4;
  struct Product {
    std::uint32_t instruction = 0;
    std::uint64_t descriptor_a = 0, descriptor_b = 0;
    bool operator==(const Product&) const = default;
  };
  std::deque<Product> open;      ///< from the one on that not all warps have issued
  std::uint32_t first_open = 0;  ///< its number
  std::uint32_t completed = 0;   ///< products that some warp has waited for
  Knowledge released;            ///< to everyone who waits for one
};

struct Block {
  std::uint32_t index[3] = {0, 0, 0};
  std::byte* shared = nullptr;
  std::uint32_t shared_bytes = 0;
  std::uint32_t threads = 0;
  SharedShadow shadow;
  ReadsInFlight reads_in_flight;
  Barrier barriers[named_barriers];
  ClusterBarrier cluster_barrier;
  std::map<std::uint32_t, MemoryBarrier> memory_barriers;  ///< by offset
  std::vector<Warp> warps;
  std::vector<Warpgroup> warpgroups;
  std::vector<std::byte> memory;
  std::uint64_t completed_waits = 0;  ///< for mbarriers: a sign that warps get on
};

/// The indices of a block's thread with a number.
void place_thread(const Dimensions& block, std::uint32_t number, std::uint32_t (&thread)[3]);

/// Goes on to the next phase if all warps that are alive have arrived.
void complete_cluster_barrier(Block& block);
/// A warp has ended: barriers for the whole block may be complete now.
void end_of_warp(Block& block);

/// What a memory instruction did last time: many do the same again, at another place.
struct Site {
  alignas(64) std::int32_t deltas[lanes] = {};
  const MemoryRange* range = nullptr;
  std::uint32_t mask = 0;
  std::uint32_t low = 0;  ///< of the first address: what alignment the counts hold for
  std::uint32_t wavefronts = 0, ideal = 0;
  std::uint32_t sectors = 0;
};

/// What all workers of a launch share.
struct LaunchContext {
  const LoadedModule& module;
  const Kernel& kernel;
  const LaunchConfiguration& configuration;
  const LaunchOptions& options;
  std::shared_ptr<const MemorySnapshot> memory;
  std::uint32_t operations = 0;  ///< micro-ops of the module
  std::uint32_t shared_bytes = 0;
  std::uint64_t instruction_limit = 0;
  std::atomic<std::uint64_t> next_block{0};
  std::uint64_t end_block = 0;
  std::atomic<bool> stop{false};
};

/// One host thread: runs a block at a time.
class Worker {
 public:
  Worker(LaunchContext& context, std::uint32_t index);

  void run();
  LaunchResult take_result();

  /// Notes a fault; an error ends the launch with `error`.
  void report(Warp& warp, const MicroOp& op, FindingKind kind, int lane, std::uint64_t address, std::uint32_t bytes,
              std::string explanation, LaunchError error = LaunchError::none);
  Site& site(const MicroOp& op) { return sites_[op.id]; }
  Counters& counters() { return counters_; }
  LaunchContext& context() { return context_; }
  void print(const std::string& text) { result_.printed += text; }
  void fill_constants(const Program& program, Warp& warp, std::byte* frame, bool literals) const;
  std::uint32_t shared_static_bytes() const { return context_.kernel.static_shared_bytes; }
  bool is_failed() const { return result_.error != LaunchError::none; }

 private:
  void start_block(std::uint64_t number);
  void run_block();
  bool is_suspended(const Warp& warp) const;
  template <bool traced>
  void run_warp(Warp& warp);
  void deadlock();
  std::uint64_t special(const Warp& warp, SpecialRegister which, int lane) const;

  LaunchContext& context_;
  std::uint32_t index_;
  Block block_;
  std::vector<std::byte> frames_;
  std::vector<std::byte> local_;
  std::vector<std::byte> parameters_;
  std::vector<std::uint64_t> executions_, lane_executions_;
  std::vector<Site> sites_;
  Counters counters_;
  Tracer tracer_;
  bool is_traced_ = false;  ///< the present block
  LaunchResult result_;
  std::map<std::pair<std::uint32_t, int>, std::size_t> reported_;
};

}  // namespace halyard::simulator
