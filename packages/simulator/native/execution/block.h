#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "asynchronous/memory_barrier.h"
#include "asynchronous/reads_in_flight.h"
#include "launch.h"
#include "shared_shadow.h"
#include "warp.h"

namespace halyard::simulator {

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

struct Cluster;

struct Block {
  Cluster* cluster = nullptr;
  std::uint32_t rank = 0;  ///< in the cluster
  std::uint32_t index[3] = {0, 0, 0};
  std::byte* shared = nullptr;
  std::uint32_t shared_bytes = 0;
  std::uint32_t threads = 0;
  SharedShadow shadow;
  ReadsInFlight reads_in_flight;
  Barrier barriers[named_barriers];
  std::map<std::uint32_t, MemoryBarrier> memory_barriers;  ///< by offset
  std::vector<Warp> warps;
  std::vector<Warpgroup> warpgroups;
  std::vector<std::byte> memory;
  std::int64_t first_trace = -1;      ///< of its warps, in the trace; below 0: it leaves none
  std::vector<std::uint32_t> visits;  ///< clocks at which warps of other blocks last used this block's shared memory
  bool has_ended = false;
};

/// The barrier of a cluster: arriving and waiting are instructions of their own.
struct ClusterBarrier {
  std::uint32_t arrived = 0;  ///< threads
  std::uint32_t phase = 0;
  Knowledge arriving, completed;
};

/// Blocks that run at the same time and reach each other's shared memory; most often one.
struct Cluster {
  std::vector<Block> blocks;  ///< by rank
  ClusterBarrier barrier;
  std::uint32_t warps = 0;            ///< of all blocks
  std::uint64_t completed_waits = 0;  ///< for mbarriers: a sign that warps get on
};

/// The indices of a block's thread with a number.
void place_thread(const Dimensions& block, std::uint32_t number, std::uint32_t (&thread)[3]);

/// Goes on to the next phase if all threads that are alive have arrived.
void complete_cluster_barrier(Cluster& cluster);
/// "1 of 64 threads have arrived"
std::string missing_of(const Cluster& cluster);
/// A warp has ended: barriers for all of the block or the cluster may be complete now.
void end_of_warp(Warp& warp);

}  // namespace halyard::simulator
