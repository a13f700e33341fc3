#include "warp.h"

#include "instructions/control.h"

namespace halyard::simulator {

void Warp::end_lanes(std::uint32_t ended) {
  live &= ~ended;
  active &= ~ended;
  if (active == 0) resume();
}

void Warp::resume() {
  while (true) {
    const std::size_t base = calls.empty() ? 0 : calls.back().divergences;
    while (divergences.size() > base) {
      const Divergence next = divergences.back();
      divergences.pop_back();
      if ((next.mask & live) == 0) continue;
      active = next.mask & live;
      pc = next.pc;
      reconvergence = next.reconvergence;
      return;
    }
    if (calls.empty()) {
      state = WarpState::finished;
      return;
    }
    if (control::finish_call(*this)) return;
  }
}

}  // namespace halyard::simulator
