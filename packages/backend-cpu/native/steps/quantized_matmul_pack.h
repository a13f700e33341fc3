#pragma once

#include <cstddef>
#include <cstdint>

#include "../kernels/quantized_matmul.h"

namespace halyard::cpu {

/// Elements along K and bytes of one block as GGUF stores it.
struct BlockShape {
  std::int64_t elements;
  std::int64_t bytes;
};

BlockShape block_shape(BlockFormat format);

/// Block-quantized weights in panels of `rows` rows.
struct BlockLayout {
  BlockFormat format;
  int rows;
};

/// Bytes of one packed panel over `k` elements, and of all panels of `n` rows; the last is filled up with zeros.
std::int64_t packed_panel_bytes(const BlockLayout& layout, std::int64_t k);
std::int64_t packed_bytes(const BlockLayout& layout, std::int64_t n, std::int64_t k);

/// Packs a matrix of n rows of k elements in whole blocks, rows `row_bytes` apart, into panels as
/// `QuantizedMatmulKernels` describes them.
void pack_blocks(const BlockLayout& layout, const std::byte* from, std::int64_t row_bytes, std::int64_t n,
                 std::int64_t k, std::byte* to);

/// Dequantizes one row of k elements, as the formats define it.
void dequantize_row(BlockFormat format, const std::byte* from, std::int64_t k, float* to);

}  // namespace halyard::cpu
