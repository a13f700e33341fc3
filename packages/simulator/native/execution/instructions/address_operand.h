#pragma once

#include <cstdint>
#include <vector>

#include "../../ptx/emitter.h"
#include "../worker.h"

namespace halyard::simulator {

// Instructions with several addresses keep each as three words of their list: register, offset, whether it is of 64
// bits.
inline constexpr std::uint32_t address_words = 3;

inline void add_address(Emitter& emitter, const Operand& operand, std::vector<std::uint32_t>& list) {
  bool is_wide = false;
  std::int64_t offset = 0;
  const std::uint32_t base = emitter.address_base(operand, is_wide, offset);
  list.insert(list.end(), {base, static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)), is_wide ? 1u : 0u});
}

inline std::uint64_t address_at(const Warp& warp, const std::uint32_t* words, int lane) {
  const std::uint64_t base = words[2] ? warp.at<std::uint64_t>(words[0])[lane] : warp.at<std::uint32_t>(words[0])[lane];
  return base + static_cast<std::uint64_t>(static_cast<std::int32_t>(words[1]));
}

}  // namespace halyard::simulator
