#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../counters/counters.h"

namespace halyard::simulator {

/// Which blocks leave a trace; none by default.
struct TraceOptions {
  std::uint64_t first_block = 0;
  std::uint64_t block_count = 0;
  std::uint32_t most_events = 1u << 20;  ///< of one warp; what comes after is left out
};

/// An instruction of the program, as far as its place in a pipeline depends on it.
struct TracedInstruction {
  std::uint32_t line = 0;         ///< of the PTX text, from 1
  std::string opcode;             ///< `ld.global.v4.u32`
  InstructionClass instruction_class = InstructionClass::move;
  std::vector<std::uint32_t> defines;  ///< virtual registers, numbered within the module
  std::vector<std::uint32_t> uses;     ///< its guard among them
  std::uint32_t bytes = 0;             ///< of a memory access by one lane
  std::uint64_t multiply_adds = 0;     ///< of a matrix instruction, each time
  int matrix_type = 0;                 ///< index into Counters::matrix_multiply_adds
};

/// What one warp did, in its order. One entry of each list per warp instruction.
struct WarpTrace {
  std::uint64_t block = 0;  ///< number in the grid
  std::uint32_t warp = 0;   ///< in the block
  bool is_complete = true;  ///< false: it went on after `most_events`
  std::vector<std::uint32_t> instructions;  ///< index into Trace::instructions
  std::vector<std::uint8_t> lanes;          ///< active ones whose guard holds
  std::vector<std::uint16_t> sectors;       ///< of global memory
  std::vector<std::uint16_t> multicasts;    ///< sectors that a copy brought to further blocks of the cluster
  std::vector<std::uint16_t> wavefronts;    ///< of shared memory
  /// Of a barrier: its number, and 256 × the threads it is for (0: all). Of a wait for groups: how many may stay under
  /// way. Of an mbarrier: its offset / 8, and 2^15 × the phase that is arrived in, filled or was waited for.
  std::vector<std::uint32_t> details;
};

struct Trace {
  std::vector<TracedInstruction> instructions;
  std::vector<WarpTrace> warps;

  /// Adds what another host thread saw; its instructions are numbered on from these.
  void append(Trace other);
};

}  // namespace halyard::simulator
