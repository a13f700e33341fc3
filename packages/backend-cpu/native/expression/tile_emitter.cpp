#include <algorithm>
#include <cstring>
#include <string>

#include "tile_compiler.h"

namespace halyard::cpu {
namespace {

bool is_comparison(ScalarOperator op) {
  return op >= ScalarOperator::equal && op <= ScalarOperator::is_infinite;
}

/// Sixteen equal elements as the type's lane holds them.
void fill_constant(const Instruction& instruction, std::byte* bytes) {
  for (int i = 0; i < 16; i++) {
    switch (lane_of(instruction.data_type)) {
      case Lane::f32: {
        const auto value = static_cast<float>(instruction.number);
        std::memcpy(bytes + i * 4, &value, 4);
        break;
      }
      case Lane::i64:
        std::memcpy(bytes + i * 8, &instruction.integer, 8);
        break;
      case Lane::i32: {
        auto value = static_cast<std::int32_t>(static_cast<std::uint64_t>(instruction.integer));
        if (instruction.data_type == Type::int8) value = static_cast<std::int8_t>(value);
        if (instruction.data_type == Type::uint8) value = static_cast<std::uint8_t>(value);
        std::memcpy(bytes + i * 4, &value, 4);
        break;
      }
    }
  }
}

}  // namespace

std::optional<int> TileCompiler::emit_load() {
  const std::size_t index = next_access_++;
  const Access& access = program_->accesses_[index];
  const TileAxes axes = program_->axes_;
  auto still = [&access](int axis) { return axis < 0 || access.strides[static_cast<std::size_t>(axis)] == 0; };
  const Type type = access.is_coordinate ? Type::int32 : is_block(access.type) ? Type::float32 : access.type;
  const int value = add_value(type, still(axes.row) && still(axes.column));
  program_->loads_.push_back({value, static_cast<int>(index), false});
  return value;
}

std::optional<int> TileCompiler::emit_operand(const Operand& operand) {
  std::optional<int> value = emit_load();
  if (operand.quantization) {
    std::optional<int> scale = emit_load();
    const Type type = value_at(*scale).type;
    value = emit_cast(*value, type);
    if (value && operand.quantization->zero_point) {
      std::optional<int> zero = emit_load();
      zero = emit_cast(*zero, type);
      value = zero ? emit_operator(ScalarOperator::sub, type, {*value, *zero}) : zero;
    }
    if (value) value = emit_operator(ScalarOperator::mul, type, {*value, *scale});
  }
  if (!value || !operand.prologue) return value;
  std::optional<Values> results = emit_expression(*operand.prologue, {*value});
  if (!results) return std::nullopt;
  return results->front();
}

std::optional<TileCompiler::Values> TileCompiler::emit_expression(const Expression& expression, Values values) {
  for (std::size_t i = 0; i < expression.inputs.size(); i++) values.push_back(*emit_load());
  for (const Instruction& instruction : expression.body) {
    std::optional<int> value = emit_instruction(instruction, values);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  Values results;
  for (std::int32_t result : expression.results) results.push_back(values[static_cast<std::size_t>(result)]);
  return results;
}

int TileCompiler::emit_constant(const Instruction& instruction) {
  const int value = add_value(instruction.data_type, true);
  TileProgram::Constant constant;
  constant.value = value;
  fill_constant(instruction, constant.bytes);
  program_->constants_.push_back(constant);
  constant_values_.back() = instruction.number;
  return value;
}

std::optional<int> TileCompiler::emit_instruction(const Instruction& instruction, const Values& values) {
  switch (instruction.op) {
    case ScalarOperator::constant: {
      // Rounded to its type, as a cast would.
      const int value = emit_constant(instruction);
      const bool narrow = instruction.data_type == Type::float16 || instruction.data_type == Type::bfloat16;
      return narrow ? emit_cast(value, instruction.data_type) : value;
    }
    case ScalarOperator::coordinate: {
      std::optional<int> value = emit_load();
      return instruction.data_type == Type::int32 ? value : emit_cast(*value, instruction.data_type);
    }
    case ScalarOperator::cast:
      return emit_cast(values[static_cast<std::size_t>(instruction.arguments[0])], instruction.data_type);
    default: {
      std::vector<int> arguments;
      for (int i = 0; i < instruction.argument_count; i++)
        arguments.push_back(values[static_cast<std::size_t>(instruction.arguments[static_cast<std::size_t>(i)])]);
      return emit_operator(instruction.op, instruction.data_type, std::move(arguments));
    }
  }
}

std::optional<int> TileCompiler::emit_cast(int value, Type type) {
  const Type from = value_at(value).type;
  if (from == type && !is_float(type)) return value;
  // A float32 is at least as wide as what any float is held in: nothing to round.
  if (type == Type::float32 && lane_of(from) == Lane::f32) return value;
  const TileFunction function = program_->kernels_->find(ScalarOperator::cast, type, from, no_splat);
  if (function == nullptr) {
    refuse("a cast from " + std::string(name_of(from)) + " to " + std::string(name_of(type)) + " is not done");
    return std::nullopt;
  }
  const bool splat = value_at(value).splat;
  int result = add_value(type, splat);
  program_->operations_.push_back({function, result, value, -1, -1, splat});
  // Straight to a narrow float an integer is rounded once more.
  const bool narrow = type == Type::float16 || type == Type::bfloat16;
  return narrow && lane_of(from) != Lane::f32 ? emit_rounding(result, type) : std::optional<int>(result);
}

std::optional<int> TileCompiler::emit_rounding(int value, Type type) {
  const TileFunction function = program_->kernels_->find(ScalarOperator::cast, type, Type::float32, no_splat);
  const bool splat = value_at(value).splat;
  const int result = add_value(type, splat);
  program_->operations_.push_back({function, result, value, -1, -1, splat});
  return result;
}

int TileCompiler::spread(int value) {
  if (!value_at(value).splat) return value;
  const Type type = value_at(value).type;
  const int result = add_value(type, false);
  program_->operations_.push_back(
      {program_->kernels_->spread[static_cast<int>(lane_of(type))], result, value, -1, -1, false});
  return result;
}

std::optional<int> TileCompiler::emit_operator(ScalarOperator op, Type type, std::vector<int> arguments) {
  const std::size_t first_typed = op == ScalarOperator::select ? 1 : 0;
  const Type argument_type = value_at(arguments.back()).type;
  const Lane expected = is_comparison(op) ? lane_of(argument_type) : lane_of(type);
  for (std::size_t i = first_typed; i < arguments.size(); i++) {
    if (lane_of(value_at(arguments[i]).type) == expected) continue;
    refuse("operator " + std::to_string(static_cast<int>(op)) + " over " +
           std::string(name_of(value_at(arguments[i]).type)) + " and " + std::string(name_of(type)) +
           " breaks the contract");
    return std::nullopt;
  }
  if (op == ScalarOperator::select && lane_of(value_at(arguments[0]).type) != Lane::i32) {
    std::optional<int> condition = emit_operator(ScalarOperator::logical_not, Type::uint8, {arguments[0]});
    if (!condition) return std::nullopt;
    arguments = {*condition, arguments[2], arguments[1]};
  }
  bool all_splat = true;
  for (int argument : arguments) all_splat = all_splat && value_at(argument).splat;
  std::int32_t mask = no_splat;
  if (!all_splat && value_at(arguments[0]).splat) mask |= splat_a;
  if (!all_splat && arguments.size() > 1 && value_at(arguments[1]).splat) mask |= splat_b;
  TileFunction function = nullptr;
  const bool squares = op == ScalarOperator::pow && is_float(type) &&
                       constant_values_[static_cast<std::size_t>(arguments[1])] == std::optional<double>(2.0);
  if (squares) {
    function = program_->kernels_->square;
    arguments = {arguments[0]};
    all_splat = value_at(arguments[0]).splat;
  } else if (arguments.size() <= 2) {
    function = program_->kernels_->find(op, type, argument_type, mask);
  }
  if (function == nullptr) {
    function = program_->kernels_->find(op, type, argument_type, no_splat);
    if (function == nullptr) {
      refuse("operator " + std::to_string(static_cast<int>(op)) + " over " + std::string(name_of(argument_type)) +
             " is not done");
      return std::nullopt;
    }
    if (!all_splat)
      for (int& argument : arguments) argument = spread(argument);
  }
  const int result = add_value(type, all_splat);
  auto argument = [&arguments](std::size_t i) { return i < arguments.size() ? arguments[i] : -1; };
  program_->operations_.push_back({function, result, argument(0), argument(1), argument(2), all_splat});
  return result;
}

bool TileCompiler::assign_slots() {
  auto& values = program_->values_;
  const int operations = static_cast<int>(program_->operations_.size());
  std::vector<int> last_use(values.size(), -1);
  for (int i = 0; i < operations; i++) {
    const auto& operation = program_->operations_[static_cast<std::size_t>(i)];
    for (int argument : {operation.a, operation.b, operation.c})
      if (argument >= 0) last_use[static_cast<std::size_t>(argument)] = i;
  }
  for (int result : program_->results_) last_use[static_cast<std::size_t>(result)] = operations;
  std::vector<std::int32_t> free_slots[3];
  std::int32_t end = 0;
  auto kind_of = [&values](int value) {
    const auto& entry = values[static_cast<std::size_t>(value)];
    return entry.splat ? 0 : lane_of(entry.type) == Lane::i64 ? 2 : 1;
  };
  constexpr std::int32_t sizes[3] = {128, tile_elements * 4, tile_elements * 8};
  auto take = [&](int value) {
    const int kind = kind_of(value);
    auto& free = free_slots[kind];
    if (free.empty()) {
      values[static_cast<std::size_t>(value)].slot = end;
      end += sizes[kind];
    } else {
      values[static_cast<std::size_t>(value)].slot = free.back();
      free.pop_back();
    }
  };
  auto give_back = [&](int value) {
    free_slots[kind_of(value)].push_back(values[static_cast<std::size_t>(value)].slot);
  };
  for (int i = 0; i < program_->given_count_; i++) take(i);
  for (const auto& constant : program_->constants_) take(constant.value);
  for (const auto& load : program_->loads_) take(load.value);
  for (int i = 0; i < operations; i++) {
    const auto& operation = program_->operations_[static_cast<std::size_t>(i)];
    take(operation.result);
    const int arguments[3] = {operation.a, operation.b, operation.c};
    for (int j = 0; j < 3; j++) {
      const int argument = arguments[j];
      const bool repeated = (j > 0 && argument == arguments[0]) || (j > 1 && argument == arguments[1]);
      if (argument >= 0 && !repeated && last_use[static_cast<std::size_t>(argument)] == i) give_back(argument);
    }
    if (last_use[static_cast<std::size_t>(operation.result)] < 0) give_back(operation.result);
  }
  if (end > most_arena_bytes) {
    refuse("the expression holds more values at once than fit in " + std::to_string(most_arena_bytes) + " bytes");
    return false;
  }
  program_->arena_bytes_ = std::max(end, 64);
  return true;
}

}  // namespace halyard::cpu
