#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../counters/counters.h"

namespace halyard::simulator {

struct Warp;
struct MicroOp;
struct Program;
using Handler = void (*)(Warp& warp, const MicroOp& op);

inline constexpr std::uint32_t no_target = 0xffffffff;

/// What of an instruction's operands a trace keeps.
enum class TraceDetail : std::uint8_t {
  none,
  barrier,  ///< its number at `a`; flags 1: threads at `b`
  groups,   ///< `immediate` may stay under way
  arrival,  ///< the mbarrier at `a`, and its phase
  wait,     ///< the same, and the phase that was waited for
  fill,     ///< the mbarrier that a bulk copy counts for: the third address of the list
};

/// A decoded instruction. Operands are byte offsets in the warp's frame, where every register has its value for 32
/// lanes side by side (4 or 8 bytes each), and a predicate is one word of bits.
struct MicroOp {
  Handler execute = nullptr;
  std::uint64_t immediate = 0;
  std::uint32_t guard = 0;           ///< predicate; that at 0 is always true
  std::uint32_t guard_negation = 0;  ///< all ones: !guard
  std::uint32_t d = 0, a = 0, b = 0, c = 0, e = 0;
  std::uint32_t list = 0;  ///< further operands, from Program::slots[list]
  std::uint32_t target = no_target;
  std::uint32_t reconvergence = no_target;
  std::uint32_t id = 0;  ///< within the module, for counting
  std::uint32_t line = 0;
  std::uint32_t statement = 0;  ///< of its function
  std::uint16_t list_size = 0;
  std::uint16_t flags = 0;  ///< the handler's own
  InstructionClass instruction_class = InstructionClass::move;
  std::uint8_t bytes = 0;  ///< of a memory access by one lane
  TraceDetail detail = TraceDetail::none;
};

/// A value that is in the frame before the first instruction runs.
struct ConstantSlot {
  enum class Source : std::uint8_t { literal, special, global, shared, external_shared, local };
  Source source = Source::literal;
  bool is_wide = false;
  std::uint32_t slot = 0;
  std::uint64_t bits = 0;  ///< literal; special register; index of a global; offset
  std::int64_t addend = 0;
};

/// Where a function finds its parameters and leaves its results, in the area of parameters of one lane.
struct FunctionInterface {
  struct Part {
    std::uint32_t offset, bytes;
  };
  std::vector<Part> parameters;
  std::vector<Part> results;
};

/// The special registers a kernel may read.
enum class SpecialRegister : std::uint8_t {
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  laneid,
  warpid,
  nwarpid,
  smid,
  nsmid,
  gridid,
  lanemask_eq,
  lanemask_le,
  lanemask_lt,
  lanemask_ge,
  lanemask_gt,
  clusterid_x,
  clusterid_y,
  clusterid_z,
  nclusterid_x,
  nclusterid_y,
  nclusterid_z,
  cluster_ctaid_x,
  cluster_ctaid_y,
  cluster_ctaid_z,
  cluster_nctaid_x,
  cluster_nctaid_y,
  cluster_nctaid_z,
  cluster_ctarank,
  cluster_nctarank,
  is_explicit_cluster,
  dynamic_smem_size,
  total_smem_size,
  warp_size,
  clock,
  clock_hi,
  clock64,
  globaltimer,
  zero,
};

/// A kernel or a device function, decoded.
struct Program {
  std::string name;
  bool is_kernel = false;
  std::vector<MicroOp> code;
  std::vector<std::uint32_t> slots;
  std::vector<ConstantSlot> constants;
  std::vector<std::shared_ptr<const Program>> keep;  ///< functions called, owned by the kernel
  std::vector<const Program*> callees;
  std::vector<std::string> strings;
  FunctionInterface interface;
  std::uint32_t frame_bytes = 0;
  std::uint32_t local_bytes = 0;      ///< of this function alone
  std::uint32_t parameter_bytes = 0;  ///< area of its own parameters and of those of the calls in it
  std::uint32_t own_parameter_bytes = 0;
  std::uint32_t live_registers = 0;
};

}  // namespace halyard::simulator
