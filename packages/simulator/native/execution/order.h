#pragma once

#include <cstdint>
#include <vector>

namespace halyard::simulator {

struct Warp;
struct Cluster;

/// What is known of each warp of a cluster, as clocks of theirs: how far its own work is visible through generic
/// accesses, how far through the asynchronous proxy as well, and how many of the copies that it waited for have landed.
struct Knowledge {
  std::vector<std::uint32_t> generic, fenced, landed;

  void join(const Knowledge& other);
  /// Of `warps` warps, that their work up to a clock is known.
  void reset(std::size_t warps, std::uint32_t clock);
  void clear();
};

/// Hands on what a warp knows, its own work included.
void release(const Warp& warp, Knowledge& to);
/// The same, but its own work only up to a clock.
void release_until(const Warp& warp, std::uint32_t clock, Knowledge& to);
/// Takes over what others have released.
void acquire(Warp& warp, const Knowledge& from);
/// What the warp was the first to wait for has happened: whoever waits for the same knows of it by `to`.
void land(Warp& warp, Knowledge& to);
/// What the warp does from now on is told apart from what it did.
void advance_clock(Warp& warp);
/// Begins anew for all warps: all that was done is known to all.
void restart_clocks(Cluster& cluster);

}  // namespace halyard::simulator
