#pragma once

#include "../execution/launch.h"
#include "../execution/warp.h"
#include "trace.h"

namespace halyard::simulator {

/// Writes down what the warps of the chosen blocks do, beside whoever executes them.
class Tracer {
 public:
  explicit Tracer(const TraceOptions& options) : options_(options) {}

  /// Where the traces of a block's warps begin, whose instructions are to be given to `note`; -1: it leaves none.
  std::int64_t begin_block(std::uint64_t number, std::size_t warps);
  /// Behind each instruction; `detail` from before it. What it did is the difference of the counters.
  void note(const Warp& warp, const MicroOp& op, std::uint32_t mask, std::uint32_t detail, const Counters& before,
            const Counters& after);
  /// The instructions that were met are found again in the module's text.
  Trace take(const Module& module);

 private:
  std::uint32_t index_of(const Warp& warp, const MicroOp& op);

  struct Place {
    const Program* program;
    const MicroOp* op;
    std::uint64_t multiply_adds;
    int matrix_type;
  };
  TraceOptions options_;
  std::vector<std::uint32_t> indices_;  ///< operation → 1 + index of the instruction
  std::vector<Place> places_;
  Trace trace_;
};

}  // namespace halyard::simulator
