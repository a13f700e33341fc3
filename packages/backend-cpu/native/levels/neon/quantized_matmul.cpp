#include <arm_neon.h>

#include "../shared/quantized_words.h"

namespace halyard::cpu {
namespace {

static inline __attribute__((always_inline)) void multiply_eight(const int16_t (*weights)[kRows], int16x8_t activation,
                                                                 int32x4_t& low, int32x4_t& high) {
#define HALYARD_STEP(lane)                                              \
  {                                                                     \
    const int16x8_t weight = vld1q_s16(weights[lane]);                  \
    low = vmlal_laneq_s16(low, vget_low_s16(weight), activation, lane); \
    high = vmlal_high_laneq_s16(high, weight, activation, lane);        \
  }
  HALYARD_STEP(0)
  HALYARD_STEP(1)
  HALYARD_STEP(2)
  HALYARD_STEP(3)
  HALYARD_STEP(4)
  HALYARD_STEP(5)
  HALYARD_STEP(6)
  HALYARD_STEP(7)
#undef HALYARD_STEP
}

static void multiply_block(const WideBlock& weights, const ActivationBlock* activations, int32_t tokens, float* results,
                           int64_t stride) {
  for (int32_t token = 0; token < tokens; token++, results += stride) {
    const ActivationBlock& activation = activations[token];
    int32x4_t low = vdupq_n_s32(0);
    int32x4_t high = vdupq_n_s32(0);
    for (int i = 0; i < 32; i += 8) multiply_eight(weights.quants + i, vld1q_s16(activation.quants + i), low, high);
    const int32x4_t sums[] = {low, high};
    for (int half = 0; half < 2; half++) {
      const float32x4_t factor = vmulq_n_f32(vld1q_f32(weights.scale + 4 * half), activation.scale);
      float32x4_t total = vfmaq_f32(vld1q_f32(results + 4 * half), vcvtq_f32_s32(sums[half]), factor);
      total = vfmaq_n_f32(total, vld1q_f32(weights.minimum + 4 * half), activation.sum);
      vst1q_f32(results + 4 * half, total);
    }
  }
}

}  // namespace

extern const QuantizedMatmulKernels quantized_matmul_neon = HALYARD_QUANTIZED_WORDS_KERNELS("neon");

}  // namespace halyard::cpu
