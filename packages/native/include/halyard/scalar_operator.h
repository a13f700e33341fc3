#pragma once

#include <stdint.h>

// Without anything from the standard library: files that are compiled for one instruction set include it.
namespace halyard {

/// The contract's ScalarOperator. The numbers are part of the binary program.
enum class ScalarOperator : uint8_t {
  constant,
  coordinate,
  random,
  cast,
  select,
  add,
  sub,
  mul,
  div,
  pow,
  min,
  max,
  equal,
  not_equal,
  lesser,
  lesser_or_equal,
  greater,
  greater_or_equal,
  logical_and,
  logical_or,
  logical_xor,
  logical_not,
  is_nan,
  is_infinite,
  abs,
  neg,
  sign,
  exp,
  log,
  sqrt,
  rsqrt,
  reciprocal,
  erf,
  tanh,
  sigmoid,
  gelu,
  silu,
  sin,
  cos,
  tan,
  floor,
  ceil,
  round_even,
};

}  // namespace halyard
