// The table of one instruction set: include this once in a file that is compiled for it.
#pragma once

#include "kernels/expression.h"
#include "tile_conversions.h"
#include "tile_floats.h"
#include "tile_integers.h"

namespace {

bool is_comparison(ScalarOperator op) { return op >= ScalarOperator::equal && op <= ScalarOperator::is_infinite; }

TileFunction find_tile_function(ScalarOperator op, Type result, Type argument, int32_t splat_mask) {
  if (is_comparison(op))
    return is_tile_float(argument) ? find_float_comparison(op, splat_mask)
           : splat_mask == 0       ? find_integer_comparison(op, argument)
                                   : nullptr;
  if (is_tile_float(result) && op != ScalarOperator::cast) return find_float_operator(op, splat_mask);
  if (splat_mask != 0) return nullptr;
  if (op == ScalarOperator::cast) return find_cast(result, argument);
  if (op == ScalarOperator::random) return result == Type::uint32 ? random_words : nullptr;
  return find_integer_operator(op, result);
}

constexpr halyard::cpu::ExpressionKernels expression_kernels(const char* name) {
  return {name,
          find_tile_function,
          {spread_first<float>, spread_first<int32_t>, spread_first<int64_t>},
          unary_tile<Square>,
          {load_float32, load_tile_float16, load_tile_bfloat16, nullptr, nullptr, load_integers<int64_t>,
           load_integers<uint64_t>, load_integers<int32_t>, load_integers<uint32_t>, load_integers<int8_t>,
           load_integers<uint8_t>, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr},
          {store_float32, store_tile_float16, store_tile_bfloat16, nullptr, nullptr, store_integers<int64_t>,
           store_integers<uint64_t>, store_integers<int32_t>, store_integers<uint32_t>, store_integers<int8_t>,
           store_integers<uint8_t>, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr},
          stream_floats,
          {collect_words<uint8_t>, collect_words<uint16_t>, collect_words<uint32_t>, collect_words<uint64_t>},
          {spill_words<uint8_t>, spill_words<uint16_t>, spill_words<uint32_t>, spill_words<uint64_t>}};
}

}  // namespace
