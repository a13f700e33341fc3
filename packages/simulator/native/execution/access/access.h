#pragma once

#include "../worker.h"

namespace halyard::simulator {

enum class Direction : std::uint8_t { load, store, atomic, copy_from, copy_to };
/// `shared` is that of the own block, `cluster` that of its cluster's blocks.
enum class Space : std::uint8_t { generic, global, shared, cluster, local, parameter, constant };

/// Where the lanes of `mask` read or write, checked.
struct Access {
  enum class Pattern : std::uint8_t { any, contiguous, uniform };
  std::byte* pointers[lanes];
  std::uint32_t mask = 0;
  Pattern pattern = Pattern::any;
};

/// Finds the memory behind addresses in one space, checks and counts the access of `bytes` per lane. False: the warp
/// has failed. `addresses` are offsets for shared, local and parameter memory. Lanes may be left out of `access.mask`.
bool prepare(Warp& warp, const MicroOp& op, Space space, Direction direction, const std::uint64_t* addresses,
             std::uint32_t mask, std::uint32_t bytes, Access& access);

/// The addresses of an operand: register at op.a (`wide`: of 64 bits) + immediate.
void load_addresses(const Warp& warp, const MicroOp& op, bool wide, std::uint64_t* addresses);

/// Calls `visit(space, addresses, mask)` once per space that generic addresses lead to.
template <class Visit>
bool each_space(Space space, const std::uint64_t* addresses, std::uint32_t mask, Visit visit) {
  if (space != Space::generic) return visit(space, addresses, mask);
  while (mask != 0) {
    const std::uint64_t window = addresses[std::countr_zero(mask)] & window_mask;
    std::uint32_t same = 0;
    for (int l = 0; l < lanes; ++l) same |= static_cast<std::uint32_t>((addresses[l] & window_mask) == window) << l;
    same &= mask;
    if (window == 0) {
      if (!visit(Space::global, addresses, same)) return false;
    } else {
      std::uint64_t offsets[lanes];
      for (int l = 0; l < lanes; ++l) offsets[l] = addresses[l] & ~window_mask;
      const Space inner = window == shared_window      ? Space::cluster
                          : window == local_window     ? Space::local
                          : window == parameter_window ? Space::parameter
                                                       : Space::global;
      if (!visit(inner, inner == Space::global ? addresses : offsets, same)) return false;
    }
    mask &= ~same;
  }
  return true;
}

}  // namespace halyard::simulator
