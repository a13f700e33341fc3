#pragma once

#include <optional>

#include "tile_program.h"

namespace halyard::cpu {

/// Stack that a run may take for the tiles of all values that live at once: 400 of them, which `supports` accepts, at
/// 4 KiB each, with room for what conversions add.
inline constexpr std::int32_t most_arena_bytes = 2 << 20;

/// Turns a specification into a tile program: accesses, then the shape of tiles, then operations, then slots.
class TileCompiler {
 public:
  TileCompiler(const CompileContext& context, const TileSpecification& specification);
  std::unique_ptr<TileProgram> compile();

 private:
  using Values = std::vector<int>;

  void declare_view(const View& view);
  void declare_operand(const Operand& operand);
  void declare_expression(const Expression& expression);
  void declare_blocked(const View& view, const Extents& block);
  void declare_target(const Target& target);

  std::optional<int> emit_operand(const Operand& operand);
  std::optional<Values> emit_expression(const Expression& expression, Values values);
  std::optional<int> emit_instruction(const Instruction& instruction, const Values& values);
  std::optional<int> emit_load();
  int emit_constant(const Instruction& instruction);
  std::optional<int> emit_operator(ScalarOperator op, Type type, std::vector<int> arguments);
  std::optional<int> emit_cast(int value, Type type);
  std::optional<int> emit_rounding(int value, Type type);
  int spread(int value);
  bool emit_results(const Values& values);

  void choose_tile();
  bool assign_slots();
  int add_value(Type type, bool splat);
  void refuse(std::string reason);
  TileProgram::Value& value_at(int index) { return program_->values_[static_cast<std::size_t>(index)]; }

  const CompileContext& context_;
  const TileSpecification& specification_;
  std::unique_ptr<TileProgram> program_;
  std::vector<Access> targets_;
  std::vector<std::optional<double>> constant_values_;
  std::size_t next_access_ = 0;
};

/// Orders the dimensions by the first target's strides and joins neighbours that all accesses walk through as one.
void collapse(Extents& shape, std::vector<Access>& accesses, std::vector<Access>& targets);

}  // namespace halyard::cpu
