#include "instruction_facts.h"

#include <bit>

#include "../ptx/control_flow.h"

namespace halyard::simulator {

InstructionFacts::InstructionFacts(const Module& module) : syntax_(parse_syntax(module.text())) {
  std::uint32_t first = 0;
  for (const FunctionSyntax& function : syntax_.functions) {
    functions_[function.name] = {&function, first};
    first += static_cast<std::uint32_t>(function.registers.size());
  }
}

TracedInstruction InstructionFacts::of(const Program& program, const MicroOp& op) const {
  const Function& function = functions_.find(program.name)->second;
  const Statement& statement = function.syntax->statements[op.statement];
  TracedInstruction result;
  result.line = op.line;
  result.opcode = std::string(statement.opcode);
  result.instruction_class = op.instruction_class;
  result.bytes = op.bytes;
  visit_registers(statement, [&](std::int32_t reg, bool is_definition) {
    (is_definition ? result.defines : result.uses).push_back(function.first_register + static_cast<std::uint32_t>(reg));
  });
  return result;
}

std::uint32_t detail_of(const Warp& warp, const MicroOp& op, std::uint32_t mask) {
  if (op.detail == TraceDetail::groups) return static_cast<std::uint32_t>(op.immediate);
  if (op.detail != TraceDetail::barrier || mask == 0) return 0;
  const int lane = std::countr_zero(mask);
  const std::uint32_t threads = op.flags & 1 ? warp.at<std::uint32_t>(op.b)[lane] : 0;
  return warp.at<std::uint32_t>(op.a)[lane] | threads << 8;
}

}  // namespace halyard::simulator
