#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "control_flow.h"
#include "product_registers.h"
#include "program.h"
#include "syntax.h"

namespace halyard::simulator {

/// What the decoding of one function needs of the module around it.
struct ModuleScope {
  const ModuleSyntax& syntax;
  std::map<std::string, std::size_t, std::less<>> globals;   ///< → index
  std::map<std::string, std::uint32_t, std::less<>> shared;  ///< module-level → offset
  std::map<std::string, std::shared_ptr<Program>, std::less<>> functions;
  std::uint32_t next_id = 0;
};

/// Turns the statements of a function into micro-ops; the instruction families call it.
class Emitter {
 public:
  Emitter(ModuleScope& scope, const FunctionSyntax& function, Program& program, std::uint32_t shared_base);

  void run();
  std::uint32_t static_shared_bytes() const { return shared_bytes_; }

  const Statement& statement() const { return *statement_; }
  const Operand& operand(std::size_t i) const;
  std::size_t operands() const { return statement_->operands.size(); }
  bool is_kernel() const { return function_.is_kernel; }
  const FunctionSyntax& function() const { return function_; }
  Program& program() { return program_; }
  ModuleScope& scope() { return scope_; }

  /// Byte offset of a source's value as 32 (also 16 and 8) or 64 bits; `is_float` says how a literal is meant.
  std::uint32_t narrow(const Operand& operand, bool is_float = false);
  std::uint32_t wide(const Operand& operand, bool is_float = false);
  std::uint32_t source(const Operand& operand, std::string_view type);
  /// Byte offset of a destination; `_` gets a place that nobody reads.
  std::uint32_t destination(const Operand& operand);
  std::uint32_t predicate(const Operand& operand);
  std::uint32_t predicate_of(std::int32_t reg) const { return assignment_.slots[static_cast<std::size_t>(reg)]; }
  std::uint32_t unused_predicate() const { return 4; }
  Width width(const Operand& operand) const;
  std::uint32_t constant(std::uint64_t bits, bool is_wide);
  /// The register or symbol that an address begins with; `is_wide` says whether that has 64 bits.
  std::uint32_t address_base(const Operand& operand, bool& is_wide, std::int64_t& offset);
  std::uint32_t add_list(const std::vector<std::uint32_t>& slots);

  MicroOp& emit(Handler handler, InstructionClass instruction_class);
  [[noreturn]] void unsupported(const std::string& why = {}) const;
  [[noreturn]] void fail(const std::string& why) const;
  bool has(std::string_view part) const { return statement_->has(part); }
  std::string_view type(std::size_t from_behind = 0) const { return statement_->type(from_behind); }

 private:
  std::uint32_t constant_slot(ConstantSlot slot);
  std::uint32_t symbol(const Operand& operand, bool is_wide);
  std::uint32_t special(const Operand& operand, bool is_wide);
  void branch();
  void watch_products();
  void follow_products();
  void patch_targets();
  std::uint32_t take_slot(bool is_wide);

  ModuleScope& scope_;
  const FunctionSyntax& function_;
  Program& program_;
  ControlFlow flow_;
  RegisterAssignment assignment_;
  const Statement* statement_ = nullptr;
  std::uint32_t position_ = 0;
  std::uint32_t next_slot_ = 0;
  std::uint32_t shared_bytes_ = 0;
  std::vector<bool> of_products_;  ///< registers that asynchronous matrix products may write
  std::uint32_t sink_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> shared_;
  std::map<std::tuple<int, bool, std::uint64_t, std::int64_t>, std::uint32_t> known_constants_;
  std::vector<std::uint32_t> first_op_;  ///< of each statement
  std::vector<std::uint32_t> markers_;   ///< block → its reconvergence marker
};

/// One family of instructions: emits the statement at hand, or calls unsupported().
using Decoder = void (*)(Emitter& emitter);

/// The decoder of an opcode ("add", "ld"), or null.
Decoder find_decoder(std::string_view opcode);
/// All opcodes that there are decoders for.
std::vector<std::string_view> known_opcodes();

}  // namespace halyard::simulator
