#include "../shared/quantized_words.h"

namespace halyard::cpu {
namespace {

static void multiply_block(const WideBlock& weights, const ActivationBlock* activations, int32_t tokens, float* results,
                           int64_t stride) {
  for (int32_t token = 0; token < tokens; token++, results += stride) {
    const ActivationBlock& activation = activations[token];
    int32_t sum[kRows] = {};
    for (int i = 0; i < 32; i++) {
      const int32_t factor = activation.quants[i];
      for (int r = 0; r < kRows; r++) sum[r] += weights.quants[i][r] * factor;
    }
    for (int r = 0; r < kRows; r++) {
      results[r] +=
          static_cast<float>(sum[r]) * (weights.scale[r] * activation.scale) + weights.minimum[r] * activation.sum;
    }
  }
}

}  // namespace

extern const QuantizedMatmulKernels quantized_matmul_portable = HALYARD_QUANTIZED_WORDS_KERNELS("portable");

}  // namespace halyard::cpu
