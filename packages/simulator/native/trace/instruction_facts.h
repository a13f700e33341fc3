#pragma once

#include <map>
#include <memory>

#include "../execution/warp.h"
#include "../ptx/syntax.h"
#include "trace.h"

namespace halyard::simulator {

/// What the text of a module says of its instructions. The decoded program no longer has it, so it is read anew.
class InstructionFacts {
 public:
  explicit InstructionFacts(const Module& module);

  TracedInstruction of(const Program& program, const MicroOp& op) const;

 private:
  struct Function {
    const FunctionSyntax* syntax;
    std::uint32_t first_register;  ///< so that registers of different functions differ
  };
  ModuleSyntax syntax_;
  std::map<std::string_view, Function> functions_;
};

/// WarpTrace::details of an instruction whose operands are still in the registers.
std::uint32_t detail_of(const Warp& warp, const MicroOp& op, std::uint32_t mask);

}  // namespace halyard::simulator
