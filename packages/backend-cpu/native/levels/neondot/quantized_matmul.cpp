#include "../neon/quantized_line.h"

namespace halyard::cpu {
namespace {

/// Dot products: a quad of one token, by its lane, with that of each row.
struct Line : NeonLine {
  INLINE void store_quads(uint8_t* to, Integers first, Integers second) {
    store(to, first);
    store(to + 32, second);
  }
  /// Quads of all tokens side by side.
  INLINE void place(uint8_t* part, int32_t lane, const uint8_t* bytes) {
    for (int i = 0; i < 8; i++) memcpy(part + (i * tokens + lane) * 4, bytes + 4 * i, 4);
  }
  INLINE void add_half(const uint8_t* lines, const uint8_t* part, int32x4_t sum[2 * tokens]) {
    for (int i = 0; i < 4; i++) {
      const int8x16_t activations = vreinterpretq_s8_u8(vld1q_u8(part + 16 * i));
      for (int half = 0; half < 2; half++) {
        const int8x16_t weights = vreinterpretq_s8_u8(vld1q_u8(lines + 32 * i + 16 * half));
        sum[half] = vdotq_laneq_s32(sum[half], weights, activations, 0);
        sum[2 + half] = vdotq_laneq_s32(sum[2 + half], weights, activations, 1);
        sum[4 + half] = vdotq_laneq_s32(sum[4 + half], weights, activations, 2);
        sum[6 + half] = vdotq_laneq_s32(sum[6 + half], weights, activations, 3);
      }
    }
  }
  INLINE void arrange(int32x4_t*) {}
};

}  // namespace
}  // namespace halyard::cpu

#include "../neon/quantized_products.h"

namespace halyard::cpu {

extern const QuantizedMatmulKernels quantized_matmul_neon_dot = HALYARD_QUANTIZED_NEON_KERNELS("neondot");

}  // namespace halyard::cpu
