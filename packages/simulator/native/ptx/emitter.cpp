#include "emitter.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "../execution/instructions/control.h"

namespace halyard::simulator {
namespace {

constexpr std::uint32_t widest_register_bytes = 512;
constexpr std::uint32_t first_register_byte = 8;  // the predicate that is always true, and one for what nobody reads

std::uint32_t round_up(std::uint32_t value, std::uint32_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::optional<SpecialRegister> find_special(std::string_view name) {
  static const std::map<std::string_view, SpecialRegister> names = {
      {"%tid.x", SpecialRegister::tid_x},
      {"%tid.y", SpecialRegister::tid_y},
      {"%tid.z", SpecialRegister::tid_z},
      {"%ntid.x", SpecialRegister::ntid_x},
      {"%ntid.y", SpecialRegister::ntid_y},
      {"%ntid.z", SpecialRegister::ntid_z},
      {"%ctaid.x", SpecialRegister::ctaid_x},
      {"%ctaid.y", SpecialRegister::ctaid_y},
      {"%ctaid.z", SpecialRegister::ctaid_z},
      {"%nctaid.x", SpecialRegister::nctaid_x},
      {"%nctaid.y", SpecialRegister::nctaid_y},
      {"%nctaid.z", SpecialRegister::nctaid_z},
      {"%laneid", SpecialRegister::laneid},
      {"%warpid", SpecialRegister::warpid},
      {"%nwarpid", SpecialRegister::nwarpid},
      {"%smid", SpecialRegister::smid},
      {"%nsmid", SpecialRegister::nsmid},
      {"%gridid", SpecialRegister::gridid},
      {"%lanemask_eq", SpecialRegister::lanemask_eq},
      {"%lanemask_le", SpecialRegister::lanemask_le},
      {"%lanemask_lt", SpecialRegister::lanemask_lt},
      {"%lanemask_ge", SpecialRegister::lanemask_ge},
      {"%lanemask_gt", SpecialRegister::lanemask_gt},
      {"%clusterid.x", SpecialRegister::clusterid_x},
      {"%clusterid.y", SpecialRegister::clusterid_y},
      {"%clusterid.z", SpecialRegister::clusterid_z},
      {"%nclusterid.x", SpecialRegister::nclusterid_x},
      {"%nclusterid.y", SpecialRegister::nclusterid_y},
      {"%nclusterid.z", SpecialRegister::nclusterid_z},
      {"%cluster_ctaid.x", SpecialRegister::cluster_ctaid_x},
      {"%cluster_ctaid.y", SpecialRegister::cluster_ctaid_y},
      {"%cluster_ctaid.z", SpecialRegister::cluster_ctaid_z},
      {"%cluster_nctaid.x", SpecialRegister::cluster_nctaid_x},
      {"%cluster_nctaid.y", SpecialRegister::cluster_nctaid_y},
      {"%cluster_nctaid.z", SpecialRegister::cluster_nctaid_z},
      {"%cluster_ctarank", SpecialRegister::cluster_ctarank},
      {"%cluster_nctarank", SpecialRegister::cluster_nctarank},
      {"%is_explicit_cluster", SpecialRegister::is_explicit_cluster},
      {"%dynamic_smem_size", SpecialRegister::dynamic_smem_size},
      {"%total_smem_size", SpecialRegister::total_smem_size},
      {"%aggr_smem_size", SpecialRegister::total_smem_size},
      {"WARP_SZ", SpecialRegister::warp_size}};
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Emitter::Emitter(ModuleScope& scope, const FunctionSyntax& function, Program& program, std::uint32_t shared_base)
    : scope_(scope),
      function_(function),
      program_(program),
      flow_(analyze_control_flow(function)),
      assignment_(assign_registers(function, flow_, first_register_byte)),
      shared_bytes_(shared_base),
      of_products_(registers_of_products(function)) {
  next_slot_ = round_up(assignment_.bytes, 128);
  program_.live_registers = assignment_.most_live;
  program_.local_bytes = round_up(function.local_bytes, 16);
  std::uint32_t own = 0;
  for (const auto* list : {&function.parameters, &function.results}) {
    own = round_up(own, 16);
    for (const Variable& variable : *list) {
      const auto at = static_cast<std::uint32_t>(variable.offset) + (list == &function.results ? own : 0);
      auto& parts = list == &function.parameters ? program_.interface.parameters : program_.interface.results;
      parts.push_back({at, static_cast<std::uint32_t>(variable.bytes)});
    }
    const auto& parts = list == &function.parameters ? program_.interface.parameters : program_.interface.results;
    for (const auto& part : parts) own = std::max(own, part.offset + part.bytes);
  }
  program_.own_parameter_bytes = function.is_kernel ? 0 : round_up(own, 16);
  program_.parameter_bytes = program_.own_parameter_bytes + round_up(function.parameter_bytes, 16);
  for (const auto& [name, variable] : function.variables) {
    if (variable.space != Variable::Space::shared) continue;
    shared_bytes_ = round_up(shared_bytes_, std::max(variable.alignment, 1u));
    shared_[name] = shared_bytes_;
    shared_bytes_ += static_cast<std::uint32_t>(variable.bytes);
  }
}

const Operand& Emitter::operand(std::size_t i) const {
  if (i >= statement_->operands.size()) fail("too few operands");
  return statement_->operands[i];
}

void Emitter::fail(const std::string& why) const {
  throw PtxError(statement_->line, "'" + std::string(statement_->opcode) + "': " + why);
}

void Emitter::unsupported(const std::string& why) const {
  throw PtxError(statement_->line,
                 "unknown instruction '" + std::string(statement_->opcode) + "'" + (why.empty() ? "" : ": " + why));
}

std::uint32_t Emitter::take_slot(bool is_wide) {
  const std::uint32_t slot = next_slot_;
  next_slot_ += is_wide ? 256 : 128;
  return slot;
}

std::uint32_t Emitter::constant_slot(ConstantSlot slot) {
  const auto key = std::make_tuple(static_cast<int>(slot.source), slot.is_wide, slot.bits, slot.addend);
  const auto [known, is_new] = known_constants_.try_emplace(key, 0);
  if (!is_new) return known->second;
  slot.slot = known->second = take_slot(slot.is_wide);
  program_.constants.push_back(slot);
  return slot.slot;
}

std::uint32_t Emitter::constant(std::uint64_t bits, bool is_wide) {
  return constant_slot({ConstantSlot::Source::literal, is_wide, 0, is_wide ? bits : bits & 0xffffffff, 0});
}

std::uint32_t Emitter::special(const Operand& operand, bool is_wide) {
  const auto which = find_special(operand.name);
  if (!which) fail("unknown special register '" + operand.name + "'");
  return constant_slot({ConstantSlot::Source::special, is_wide, 0, static_cast<std::uint64_t>(*which), 0});
}

std::uint32_t Emitter::symbol(const Operand& operand, bool is_wide) {
  ConstantSlot slot;
  slot.is_wide = is_wide;
  slot.addend = operand.offset;
  const std::string& name = operand.name;
  if (auto shared = shared_.find(name); shared != shared_.end()) {
    slot.source = ConstantSlot::Source::shared;
    slot.bits = shared->second;
  } else if (auto module_shared = scope_.shared.find(name); module_shared != scope_.shared.end()) {
    slot.source = ConstantSlot::Source::shared;
    slot.bits = module_shared->second;
  } else if (scope_.syntax.external_shared.contains(name)) {
    slot.source = ConstantSlot::Source::external_shared;
  } else if (auto global = scope_.globals.find(name); global != scope_.globals.end()) {
    slot.source = ConstantSlot::Source::global;
    slot.bits = global->second;
  } else if (auto variable = function_.variables.find(name); variable != function_.variables.end()) {
    if (variable->second.space == Variable::Space::local)
      slot.source = ConstantSlot::Source::local;
    else if (!function_.is_kernel)
      fail("the address of a function's parameter");
    slot.bits = variable->second.offset;
  } else {
    fail("unknown symbol '" + name + "'");
  }
  return constant_slot(slot);
}

Width Emitter::width(const Operand& operand) const {
  if (operand.kind == Operand::Kind::reg) return function_.registers[static_cast<std::size_t>(operand.reg)].width;
  return Width::bits32;
}

std::uint32_t Emitter::narrow(const Operand& operand, bool is_float) {
  switch (operand.kind) {
    case Operand::Kind::reg:
      if (width(operand) == Width::bits64 || width(operand) == Width::bits32 || width(operand) == Width::bits16) break;
      fail("a register of another size was expected");
    case Operand::Kind::immediate: {
      std::uint64_t bits = operand.bits;
      if (operand.literal == Literal::float64)
        bits = std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(bits)));
      (void)is_float;
      return constant(bits, false);
    }
    case Operand::Kind::special:
      return special(operand, false);
    case Operand::Kind::symbol:
      return symbol(operand, false);
    default:
      fail("a register or number was expected");
  }
  if (width(operand) == Width::bits64) fail("a 32-bit register was expected");
  return assignment_.slots[static_cast<std::size_t>(operand.reg)];
}

std::uint32_t Emitter::wide(const Operand& operand, bool is_float) {
  switch (operand.kind) {
    case Operand::Kind::reg:
      if (width(operand) != Width::bits64) fail("a 64-bit register was expected");
      return assignment_.slots[static_cast<std::size_t>(operand.reg)];
    case Operand::Kind::immediate: {
      std::uint64_t bits = operand.bits;
      if (operand.literal == Literal::float32 && is_float)
        bits =
            std::bit_cast<std::uint64_t>(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
      return constant(bits, true);
    }
    case Operand::Kind::special:
      return special(operand, true);
    case Operand::Kind::symbol:
      return symbol(operand, true);
    default:
      fail("a register or number was expected");
  }
}

std::uint32_t Emitter::source(const Operand& operand, std::string_view type) {
  const bool is_float = type[0] == 'f' || type[0] == 'b';
  const std::uint32_t bits = type == "b64" || type == "u64" || type == "s64" || type == "f64" ? 64
                             : type.ends_with("16") || type.ends_with("8")                    ? 16
                                                                                              : 32;
  if (bits == 64) return wide(operand, type == "f64" && is_float);
  if (bits == 16 && operand.kind == Operand::Kind::immediate) return constant(operand.bits & 0xffff, false);
  return narrow(operand, is_float);
}

std::uint32_t Emitter::destination(const Operand& operand) {
  if (operand.kind == Operand::Kind::sink) {
    if (sink_ == 0) sink_ = take_slot(true);
    return sink_;
  }
  if (operand.kind != Operand::Kind::reg || width(operand) == Width::predicate)
    fail("a register to write to was expected");
  return assignment_.slots[static_cast<std::size_t>(operand.reg)];
}

std::uint32_t Emitter::predicate(const Operand& operand) {
  if (operand.kind == Operand::Kind::sink) return unused_predicate();
  if (operand.kind != Operand::Kind::reg || width(operand) != Width::predicate) fail("a predicate was expected");
  return predicate_of(operand.reg);
}

std::uint32_t Emitter::address_base(const Operand& operand, bool& is_wide, std::int64_t& offset) {
  if (operand.kind != Operand::Kind::address) fail("an address was expected");
  const Operand& base = operand.elements[0];
  offset = operand.offset;
  if (base.kind == Operand::Kind::reg) {
    is_wide = width(base) == Width::bits64;
    return is_wide ? wide(base) : narrow(base);
  }
  is_wide = true;
  offset = 0;  // in the constant already
  return wide(base);
}

std::uint32_t Emitter::add_list(const std::vector<std::uint32_t>& slots) {
  const auto at = static_cast<std::uint32_t>(program_.slots.size());
  program_.slots.insert(program_.slots.end(), slots.begin(), slots.end());
  return at;
}

MicroOp& Emitter::emit(Handler handler, InstructionClass instruction_class) {
  MicroOp& op = program_.code.emplace_back();
  op.execute = handler;
  op.instruction_class = instruction_class;
  op.id = scope_.next_id++;
  if (statement_ == nullptr) return op;
  op.line = statement_->line;
  op.statement = position_;
  if (statement_->guard >= 0) {
    op.guard = assignment_.slots[static_cast<std::size_t>(statement_->guard)];
    op.guard_negation = statement_->guard_negated ? ~0u : 0u;
  }
  return op;
}

void Emitter::branch() {
  const Statement& statement = *statement_;
  const BasicBlock& block = flow_.blocks[flow_.block_of[position_]];
  MicroOp& op =
      emit(statement.parts[0] == "brx" ? control::branch_indexed : control::branch, InstructionClass::control);
  op.reconvergence = block.post_dominator;  // blocks until patch_targets
  if (statement.parts[0] == "brx") {
    const std::uint32_t index = narrow(operand(0));
    std::vector<std::uint32_t> targets;
    for (const std::string& name : function_.branch_targets.find(operand(1).name)->second)
      targets.push_back(flow_.block_of[function_.labels.find(name)->second]);
    MicroOp& again = program_.code.back();
    again.a = index;
    again.list = add_list(targets);
    again.list_size = static_cast<std::uint16_t>(targets.size());
  } else {
    op.target = flow_.block_of[function_.labels.find(operand(0).name)->second];
    if (statement.guard < 0) op.execute = control::jump;
  }
}

void Emitter::run() {
  std::vector<bool> meets(flow_.blocks.size(), false);
  for (const BasicBlock& block : flow_.blocks) {
    const Statement& last = function_.statements[block.end - 1];
    const bool may_diverge = last.parts[0] == "brx" || last.guard >= 0;
    if (may_diverge && block.post_dominator != no_target) meets[block.post_dominator] = true;
  }
  markers_.assign(flow_.blocks.size(), no_target);
  first_op_.assign(flow_.blocks.size(), 0);
  for (std::uint32_t b = 0; b < flow_.blocks.size(); ++b) {
    first_op_[b] = static_cast<std::uint32_t>(program_.code.size());
    statement_ = nullptr;
    if (meets[b]) {
      markers_[b] = first_op_[b];
      emit(control::reconverge, InstructionClass::control).target = first_op_[b];
    }
    for (position_ = flow_.blocks[b].begin; position_ < flow_.blocks[b].end; ++position_) {
      statement_ = &function_.statements[position_];
      const std::string_view name = statement_->parts[0];
      watch_products();
      if (name == "bra" || name == "brx") {
        branch();
      } else if (const Decoder decode = find_decoder(name)) {
        decode(*this);
      } else {
        unsupported();
      }
      follow_products();
    }
  }
  statement_ = nullptr;
  // Behind a text that does not end in `ret`.
  emit(function_.is_kernel ? control::exit : control::return_from_call, InstructionClass::control);
  patch_targets();
  // A wide result in a narrow register is the program's mistake, and is not to reach beyond the frame.
  program_.frame_bytes = next_slot_ + widest_register_bytes;
}

void Emitter::patch_targets() {
  for (MicroOp& op : program_.code) {
    if (op.execute != control::branch && op.execute != control::jump && op.execute != control::branch_indexed) continue;
    if (op.reconvergence != no_target) op.reconvergence = first_op_[op.reconvergence];
    if (op.target != no_target) op.target = first_op_[op.target];
    for (std::uint32_t i = 0; i < op.list_size; ++i) {
      std::uint32_t& target = program_.slots[op.list + i];
      target = first_op_[target];
    }
  }
}

}  // namespace halyard::simulator
