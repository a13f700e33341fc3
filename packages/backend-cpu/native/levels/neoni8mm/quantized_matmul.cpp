#include "../neon/quantized_line.h"

namespace halyard::cpu {
namespace {

/// Products of 2 × 8 by 8 × 2 int8: two tokens by two rows, two quads at a time.
struct Line : NeonLine {
  /// For each pair of rows 8 elements of the one, then of the other.
  INLINE void store_quads(uint8_t* to, Integers first, Integers second) {
    const uint8x16_t halves[2][2] = {{first.low, second.low}, {first.high, second.high}};
    for (int i = 0; i < 2; i++) {
      const uint32x4_t even = vreinterpretq_u32_u8(halves[i][0]);
      const uint32x4_t odd = vreinterpretq_u32_u8(halves[i][1]);
      vst1q_u8(to + 32 * i, vreinterpretq_u8_u32(vzip1q_u32(even, odd)));
      vst1q_u8(to + 32 * i + 16, vreinterpretq_u8_u32(vzip2q_u32(even, odd)));
    }
  }
  /// 8 elements of all tokens side by side.
  INLINE void place(uint8_t* part, int32_t lane, const uint8_t* bytes) {
    for (int i = 0; i < 4; i++) memcpy(part + (i * tokens + lane) * 8, bytes + 8 * i, 8);
  }
  /// Sums are [pair of tokens][pair of rows].
  INLINE void add_half(const uint8_t* lines, const uint8_t* part, int32x4_t sum[2 * tokens]) {
    for (int i = 0; i < 2; i++) {
      for (int pair = 0; pair < 2; pair++) {
        const int8x16_t activations = vreinterpretq_s8_u8(vld1q_u8(part + 32 * i + 16 * pair));
        for (int rows = 0; rows < 4; rows++) {
          const int8x16_t weights = vreinterpretq_s8_u8(vld1q_u8(lines + 64 * i + 16 * rows));
          sum[4 * pair + rows] = vmmlaq_s32(sum[4 * pair + rows], activations, weights);
        }
      }
    }
  }
  /// To [token][half of the rows].
  INLINE void arrange(int32x4_t sum[2 * tokens]) {
    for (int pair = 0; pair < 2; pair++) {
      int32x4_t* s = sum + 4 * pair;
      const int32x4_t first[2] = {vcombine_s32(vget_low_s32(s[0]), vget_low_s32(s[1])),
                                  vcombine_s32(vget_low_s32(s[2]), vget_low_s32(s[3]))};
      const int32x4_t second[2] = {vcombine_s32(vget_high_s32(s[0]), vget_high_s32(s[1])),
                                   vcombine_s32(vget_high_s32(s[2]), vget_high_s32(s[3]))};
      s[0] = first[0];
      s[1] = first[1];
      s[2] = second[0];
      s[3] = second[1];
    }
  }
};

}  // namespace
}  // namespace halyard::cpu

#include "../neon/quantized_products.h"

namespace halyard::cpu {

extern const QuantizedMatmulKernels quantized_matmul_neon_i8mm = HALYARD_QUANTIZED_NEON_KERNELS("neoni8mm");

}  // namespace halyard::cpu
