#include "warp.h"

namespace halyard::simulator {

void Warp::end_lanes(std::uint32_t ended) {
  live &= ~ended;
  active &= ~ended;
  if (active == 0) resume();
}

void Warp::resume() {
  while (!divergences.empty()) {
    const Divergence next = divergences.back();
    divergences.pop_back();
    if ((next.mask & live) == 0) continue;
    active = next.mask & live;
    pc = next.pc;
    reconvergence = next.reconvergence;
    return;
  }
  if (live == 0) state = WarpState::finished;
}

}  // namespace halyard::simulator
