#pragma once

#include <cstdint>
#include <string>

#include "../levels/level.h"

namespace halyard::cpu {

/// What was found out about the machine; made once per process by `this_processor`.
struct Processor {
  std::string name;
  Level level = Level::portable;
  /// Physical cores that affinity and the cgroup's quota leave to this process, at least 1.
  int cores = 1;
  /// Bytes; per core for L1 data and L2, shared for L3 (0: none).
  std::int64_t l1_bytes = 32 * 1024;
  std::int64_t l2_bytes = 512 * 1024;
  std::int64_t l3_bytes = 0;
  std::int64_t memory_bytes = 0;
  /// Instruction sets by name, for people and fingerprints: `avx2 fma f16c`.
  std::string features;
};

const Processor& this_processor();

}  // namespace halyard::cpu
