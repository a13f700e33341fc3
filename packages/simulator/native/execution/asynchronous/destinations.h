#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../block.h"

namespace halyard::simulator {

/// A block whose shared memory a bulk copy fills, and the mbarrier there that counts its bytes.
struct Destination {
  Block* block = nullptr;
  MemoryBarrier* barrier = nullptr;
};

/// Where a bulk copy goes that a lane begins.
struct Destinations {
  std::vector<Destination> blocks;  ///< none: the warp has failed
  SharedStretch stretch;            ///< the same in each
};

/// Addresses of a bulk copy into shared memory.
struct FillAddresses {
  std::uint64_t memory = 0, barrier = 0;
  std::uint32_t bytes = 0;
  std::uint32_t room = 0;  ///< at `memory`, as much as `bytes` or more
  std::uint32_t alignment = 16;
  bool is_multicast = false;
  std::uint32_t ranks = 0;  ///< of a multicast: a bit for each block that gets the data at the same offset
};

Destinations find_destinations(Warp& warp, const MicroOp& op, const FillAddresses& addresses, int lane);

/// The copy begins: nobody may touch what it fills until the mbarrier was waited for.
void begin_fill(Warp& warp, const MicroOp& op, const Destinations& to, int lane);
/// All bytes have come; the mbarriers count them.
void finish_fill(Warp& warp, const MicroOp& op, const Destinations& to, int lane);

}  // namespace halyard::simulator
