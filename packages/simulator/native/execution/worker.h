#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../trace/tracer.h"
#include "block.h"
#include "launch.h"

namespace halyard::simulator {

/// Generic addresses of spaces that are a block's or a thread's own.
inline constexpr std::uint64_t shared_window = std::uint64_t{1} << 60;
inline constexpr std::uint64_t local_window = std::uint64_t{2} << 60;
inline constexpr std::uint64_t parameter_window = std::uint64_t{3} << 60;
inline constexpr std::uint64_t window_mask = std::uint64_t{15} << 60;
/// In an address of shared memory, above the offset: 1 + the rank of a block of the cluster; 0 is the own block.
inline constexpr std::uint32_t rank_shift = 24;

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
  std::uint64_t first_block = 0, end_block = 0;  ///< that are wanted
  std::atomic<std::uint64_t> next_cluster{0};
  std::uint64_t end_cluster = 0;
  std::atomic<bool> stop{false};
};

/// One host thread: runs a cluster at a time, the warps of its blocks in turn.
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
  void place_cluster(std::uint64_t number);
  bool is_wanted() const;
  std::uint64_t number_of(const Block& block) const;
  void start_block(Block& block);
  void run_cluster();
  template <bool traced>
  void run_warp(Warp& warp);
  void report_deadlock(Warp& warp);
  std::uint64_t special(const Warp& warp, SpecialRegister which, int lane) const;

  LaunchContext& context_;
  std::uint32_t index_;
  Cluster cluster_;
  std::vector<std::byte> frames_, local_, parameters_;
  std::vector<std::uint64_t> executions_, lane_executions_;
  std::vector<Site> sites_;
  Counters counters_;
  Tracer tracer_;
  LaunchResult result_;
  std::map<std::pair<std::uint32_t, int>, std::size_t> reported_;
};

}  // namespace halyard::simulator
