#pragma once

#include "../kernels/attention.h"
#include "../kernels/matmul.h"
#include "../kernels/quantized_matmul.h"
#include "../levels/level.h"

namespace halyard::cpu {

/// The best kernels written for a level or for one that it includes.
const MatmulKernels& matmul_kernels(Level level);
/// Of block-quantized products also by how many rows of activations there are: tiles are for 16 and more. All tables for
/// a level pack weights alike.
const QuantizedMatmulKernels& quantized_matmul_kernels(Level level, std::int64_t rows);
const AttentionKernels& attention_kernels(Level level);

}  // namespace halyard::cpu
