#pragma once

#include "../kernels/attention.h"
#include "../kernels/matmul.h"
#include "../kernels/quantized_matmul.h"
#include "../levels/level.h"

namespace halyard::cpu {

/// The best kernels written for a level or for one that it includes.
const MatmulKernels& matmul_kernels(Level level);
const QuantizedMatmulKernels& quantized_matmul_kernels(Level level);
const AttentionKernels& attention_kernels(Level level);

}  // namespace halyard::cpu
