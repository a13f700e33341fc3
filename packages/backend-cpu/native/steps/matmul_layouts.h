#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../kernels/matmul.h"
#include "../kernels/quantized_matmul.h"
#include "halyard/program.h"

namespace halyard::cpu {

/// The part of a constant that a layout packs: `count` matrices B [k, n], seen through a view.
struct MatrixSource {
  Type type = Type::float32;
  /// Bytes from the start of the constant to the tensor, and elements from there to the first matrix.
  std::int64_t tensor = 0;
  std::int64_t offset = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t stride_n = 0;
  std::int64_t stride_k = 0;
  std::int64_t count = 1;
  /// Elements between matrices.
  std::int64_t apart = 0;
};

/// `floats:16:float32,…`: panels of 16 columns, float32, [k][16], those of matrix 1 after those of matrix 0.
std::string float_layout(const MatrixSource& source, int columns);
std::int64_t float_layout_bytes(const MatrixSource& source, int columns);

/// `blocks:8:q4_1,…`: panels of 8 columns of block-quantized weights, see QuantizedMatmulKernels. One matrix.
std::string block_layout(const MatrixSource& source, int rows);
std::int64_t block_layout_bytes(const MatrixSource& source, int rows);

/// The block format of a type, if it is one.
std::optional<BlockFormat> block_format(Type type);

}  // namespace halyard::cpu
