#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "halyard/scalar_operator.h"
#include "halyard/types.h"
#include "halyard/view.h"

namespace halyard {

inline constexpr int scalar_operator_count = 43;

/// How many arguments an operator takes.
inline constexpr int arity_of(ScalarOperator op) {
  switch (op) {
    case ScalarOperator::constant:
    case ScalarOperator::coordinate:
      return 0;
    case ScalarOperator::select:
      return 3;
    case ScalarOperator::random:
    case ScalarOperator::add:
    case ScalarOperator::sub:
    case ScalarOperator::mul:
    case ScalarOperator::div:
    case ScalarOperator::pow:
    case ScalarOperator::min:
    case ScalarOperator::max:
    case ScalarOperator::equal:
    case ScalarOperator::not_equal:
    case ScalarOperator::lesser:
    case ScalarOperator::lesser_or_equal:
    case ScalarOperator::greater:
    case ScalarOperator::greater_or_equal:
    case ScalarOperator::logical_and:
    case ScalarOperator::logical_or:
    case ScalarOperator::logical_xor:
      return 2;
    default:
      return 1;
  }
}

/// One scalar instruction; `data_type` is that of the result.
struct Instruction {
  ScalarOperator op = ScalarOperator::constant;
  Type data_type = Type::float32;
  std::uint8_t argument_count = 0;
  std::array<std::int32_t, 3> arguments{};
  /// Of a constant: its value. For 64-bit integers see `integer`.
  double number = 0;
  /// Of a constant of an integer type: its value (two's complement for uint64). Of a coordinate: the axis.
  std::int64_t integer = 0;
};

/// A straight line of scalar instructions at each element. Values are numbered: the step's results (a map's inputs, a
/// prologue's element), then the elements of `inputs`, then what each instruction gives.
struct Expression {
  std::vector<View> inputs;
  std::vector<Instruction> body;
  std::vector<std::int32_t> results;
};

}  // namespace halyard
