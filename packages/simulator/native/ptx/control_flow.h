#pragma once

#include <cstdint>
#include <vector>

#include "syntax.h"

namespace halyard::simulator {

struct BasicBlock {
  std::uint32_t begin = 0, end = 0;           ///< statements
  std::vector<std::uint32_t> successors;      ///< blocks
  std::uint32_t post_dominator = 0xffffffff;  ///< the nearest block that every way on leads through
};

struct ControlFlow {
  std::vector<BasicBlock> blocks;
  std::vector<std::uint32_t> block_of;  ///< statement → block
};

/// Blocks, edges and immediate post-dominators. Ways that end before the last `ret` (early returns, traps) do not count
/// for post-dominance: lanes that went them have nothing to meet the others for.
ControlFlow analyze_control_flow(const FunctionSyntax& function);

/// Calls `visit(register, is_definition)` for each register of a statement; a guarded definition is also a use.
template <class Visit>
void visit_registers(const Statement& statement, Visit visit);

/// Where a function's registers lie in a frame.
struct RegisterAssignment {
  std::vector<std::uint32_t> slots;  ///< register → byte offset
  std::uint32_t bytes = 0;           ///< end of the last
  std::uint32_t most_live = 0;       ///< in units of 32 bits
};

/// Registers whose lifetimes do not meet share a place. Places begin behind `first_byte`.
RegisterAssignment assign_registers(const FunctionSyntax& function, const ControlFlow& flow, std::uint32_t first_byte);

bool defines_first_operand(const Statement& statement);

template <class Visit>
void visit_operand(const Operand& operand, bool is_definition, Visit& visit) {
  if (operand.kind == Operand::Kind::reg) visit(operand.reg, is_definition);
  if (operand.second >= 0) visit(operand.second, is_definition);
  for (const Operand& element : operand.elements)
    visit_operand(element, is_definition && operand.kind != Operand::Kind::address, visit);
}

template <class Visit>
void visit_registers(const Statement& statement, Visit visit) {
  const bool defines = defines_first_operand(statement);
  for (std::size_t i = defines ? 1 : 0; i < statement.operands.size(); ++i)
    visit_operand(statement.operands[i], false, visit);
  if (statement.guard >= 0) visit(statement.guard, false);
  if (!defines || statement.operands.empty()) return;
  if (statement.guard >= 0 || statement.parts[0] == "wgmma") visit_operand(statement.operands[0], false, visit);
  visit_operand(statement.operands[0], true, visit);
}

}  // namespace halyard::simulator
