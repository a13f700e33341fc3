#pragma once

#include <cstdint>

namespace halyard::simulator {

/// Where the 16 bytes at an address in shared memory really lie when `bits` bits of the row (of 128 bytes) are mixed
/// into their place in it: 1 for swizzles of 32 bytes, 2 for 64, 3 for 128. (PTX ISA, "Swizzling modes")
inline std::uint32_t swizzle(std::uint32_t address, std::uint32_t bits) {
  return address ^ ((address >> 7 & ((1u << bits) - 1)) << 4);
}

}  // namespace halyard::simulator
