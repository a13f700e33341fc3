#pragma once

#include <stdint.h>

// Without anything from the standard library: files that are compiled for one instruction set include it.
namespace halyard {

/// Element and block types, in the order of the contract's `typeLayouts`. The numbers are part of the binary program.
enum class Type : uint8_t {
  float32,
  float16,
  bfloat16,
  float8e4m3,
  float8e5m2,
  int64,
  uint64,
  int32,
  uint32,
  int8,
  uint8,
  int4,
  uint4,
  q4_0,
  q4_1,
  q8_0,
  q4_k,
  q6_k,
};

}  // namespace halyard
