#pragma once

#include "access.h"

namespace halyard::simulator {

/// Distances of the lanes' addresses from the first one.
struct Deltas {
  alignas(64) std::int32_t values[lanes];
  std::uint64_t first = 0;
  std::int32_t least = 0, most = 0;
  std::uint32_t bits = 0;  ///< or of all
  bool is_near = true;     ///< they fit
};

void measure(const std::uint64_t* addresses, std::uint32_t mask, Deltas& deltas);
Access::Pattern pattern_of(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes);

/// Distinct 32-byte sectors.
std::uint32_t count_sectors(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes);
/// Rounds through 32 banks of 4 bytes: lanes take turns by 32, 16 or 8 for accesses of 4, 8 or 16 bytes, and within a
/// turn a bank gives one word, to any number of lanes.
void count_wavefronts(const Deltas& deltas, std::uint32_t mask, std::uint32_t bytes, Site& site);

/// Whether an instruction does what it did last time; `low` are the bits of the first address that matter.
bool same_pattern(const Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low);
void remember(Site& site, const Deltas& deltas, std::uint32_t mask, std::uint32_t low);

}  // namespace halyard::simulator
