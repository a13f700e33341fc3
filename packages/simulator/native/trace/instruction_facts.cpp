#include "instruction_facts.h"

#include <bit>

#include "../execution/access/access.h"
#include "../execution/access/shared_place.h"
#include "../execution/instructions/address_operand.h"
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

namespace {

/// An mbarrier's place in units of its size, be it in another block, and its phase, or one that many before.
std::uint32_t phase_of(const Warp& warp, std::uint64_t address, std::uint32_t before = 0) {
  const SharedPlace place = locate_shared(warp, address);
  const auto& barriers = place.block->memory_barriers;
  const auto found = barriers.find(static_cast<std::uint32_t>(place.offset));
  if (found == barriers.end()) return 0;
  return (found->second.phase - before) << 15 | static_cast<std::uint32_t>(place.offset / MemoryBarrier::bytes);
}

}  // namespace

std::uint32_t detail_of(const Warp& warp, const MicroOp& op, std::uint32_t mask) {
  if (op.detail == TraceDetail::groups) return static_cast<std::uint32_t>(op.immediate);
  if (op.detail == TraceDetail::none || mask == 0) return 0;
  const int lane = std::countr_zero(mask);
  if (op.detail == TraceDetail::barrier) {
    const std::uint32_t threads = op.flags & 1 ? warp.at<std::uint32_t>(op.b)[lane] : 0;
    return warp.at<std::uint32_t>(op.a)[lane] | threads << 8;
  }
  if (op.detail == TraceDetail::fill)
    return phase_of(warp, address_at(warp, warp.list(op) + 2 * address_words, lane));
  std::uint64_t addresses[lanes];
  load_addresses(warp, op, op.flags & 1, addresses);
  return phase_of(warp, addresses[lane], op.detail == TraceDetail::wait ? 1 : 0);
}

}  // namespace halyard::simulator
