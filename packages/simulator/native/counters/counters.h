#pragma once

#include <cstdint>

namespace halyard::simulator {

/// Classes that the counters tell apart.
enum class InstructionClass : std::uint8_t {
  integer,  ///< add, mad, shifts, logic, comparisons of integers
  float32,
  float64,
  float16,  ///< f16, bf16 and their pairs
  special,  ///< ex2, rcp, sin …
  conversion,
  control,   ///< branches, calls, returns
  barrier,   ///< also fences, votes and waits
  move,      ///< mov, selp, prmt, shuffles are `exchange`
  exchange,  ///< shuffles, votes, match, redux
  load_global,
  store_global,
  load_shared,
  store_shared,
  load_local,
  store_local,
  load_constant,  ///< parameters and constant memory
  atomic,
  copy,         ///< cp.async and bulk copies
  matrix,       ///< mma, wmma, wgmma
  matrix_load,  ///< ldmatrix, stmatrix
  count,
};

const char* name_of(InstructionClass instruction_class);
/// Of Counters::matrix_multiply_adds.
inline constexpr int matrix_types = 5;
const char* name_of_matrix_type(int type);
inline constexpr int instruction_classes = static_cast<int>(InstructionClass::count);
/// Of what the simulator does beside the program's own instructions.
inline constexpr InstructionClass uncounted = InstructionClass::count;

/// Exact and repeatable figures of a launch.
struct Counters {
  std::uint64_t warp_instructions[instruction_classes] = {};
  std::uint64_t lane_instructions[instruction_classes] = {};  ///< of active lanes
  std::uint64_t global_load_requests = 0;      ///< warp instructions, cp.async included; a bulk copy is one
  std::uint64_t global_load_sectors = 0;       ///< of 32 bytes, distinct within a request
  std::uint64_t global_load_bytes = 0;         ///< asked for by lanes
  std::uint64_t global_multicast_sectors = 0;  ///< that copies read once brought to further blocks of a cluster
  std::uint64_t global_store_requests = 0;
  std::uint64_t global_store_sectors = 0;
  std::uint64_t global_store_bytes = 0;
  std::uint64_t global_atomic_requests = 0;
  std::uint64_t global_atomic_sectors = 0;
  std::uint64_t shared_load_requests = 0;  ///< also operands of wgmma, B once for its four warps
  std::uint64_t shared_load_wavefronts = 0;
  std::uint64_t shared_load_ideal_wavefronts = 0;  ///< with no bank conflict
  std::uint64_t shared_store_requests = 0;
  std::uint64_t shared_store_wavefronts = 0;
  std::uint64_t shared_store_ideal_wavefronts = 0;
  std::uint64_t matrix_multiply_adds[matrix_types] = {};  ///< by operand type: f16/bf16, tf32, int8, fp8, f64
  std::uint64_t branches = 0;
  std::uint64_t divergent_branches = 0;
  std::uint64_t barriers = 0;  ///< warps that arrived
  std::uint64_t blocks = 0;
  std::uint64_t warps = 0;

  std::uint64_t total_warp_instructions() const;
  std::uint64_t shared_bank_conflicts() const;  ///< wavefronts beyond the ideal
  void add(const Counters& other);
};

}  // namespace halyard::simulator
