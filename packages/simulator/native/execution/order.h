#pragma once

#include <cstdint>
#include <vector>

namespace halyard::simulator {

struct Warp;
struct Block;

/// What is known of each warp of a block, as clocks of theirs: how far its own work is visible through generic
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
/// Takes over what others have released.
void acquire(Warp& warp, const Knowledge& from);
/// What the warp was the first to wait for has happened: whoever waits for the same knows of it by `to`.
void land(Warp& warp, Knowledge& to);
/// What the warp does from now on is told apart from what it did.
void advance_clock(Warp& warp);
/// Begins anew for all warps: all that was done is known to all.
void restart_clocks(Block& block);

}  // namespace halyard::simulator
