#pragma once

// Included by neondot/ and neoni8mm/quantized_matmul.cpp after their `Line`, which says how four quads of eight rows meet
// those of four tokens. Single tokens take dot products either way.

#include "../shared/quantized_signed.h"
#include "../shared/quantized_vector.h"

namespace halyard::cpu {
namespace {

/// int8 of four tokens, as `Line` wants them.
constexpr int kPart = 32 * kTokens;
/// One part, scales, scales · sums; or two parts, scales.
constexpr int kBytesTile = kPart + 8 * kTokens;
constexpr int kWordsTile = 2 * kPart + 4 * kTokens;

void quantize(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  alignas(16) uint8_t bytes[64];
  Integers quants[kQuantVectors];
  for (int64_t block = 0; block < blocks; block++, row += 32) {
    if (form == ActivationForm::bytes) {
      const float scale = quantize_block(row, kByteLimit, quants);
      Line::store_bytes(bytes, quants);
      Line::place(tile, lane, bytes);
      store_float(tile + kPart + 4 * lane, scale);
      store_float(tile + kPart + 4 * kTokens + 4 * lane, scale * static_cast<float>(Line::sum_of(quants)));
      tile += kBytesTile;
    } else {
      const float scale = quantize_block(row, kWordLimit, quants);
      store_parts(quants, bytes, bytes + 32);
      Line::place(tile, lane, bytes);
      Line::place(tile + kPart, lane, bytes + 32);
      store_float(tile + 2 * kPart + 4 * lane, scale);
      tile += kWordsTile;
    }
  }
}

/// 32 bytes of upper and 32 of lower parts, scale, scale · sum.
void quantize_vector(BlockFormat, const float* row, int64_t blocks, uint8_t* to) {
  Integers quants[kQuantVectors];
  for (int64_t block = 0; block < blocks; block++, row += 32, to += kVectorBlock) {
    const float scale = quantize_block(row, kWordLimit, quants);
    store_parts(quants, to, to + 32);
    store_float(to + 64, scale);
    store_float(to + 68, scale * static_cast<float>(Line::sum_of(quants)));
  }
}

INLINE float32x4_t load_reals(const uint8_t* from) {
  return vld1q_f32(reinterpret_cast<const float*>(from));
}
INLINE float load_real(const uint8_t* from) {
  float value;
  memcpy(&value, from, 4);
  return value;
}

INLINE void clear(int32x4_t sum[2 * kTokens]) {
  for (int i = 0; i < 2 * kTokens; i++) sum[i] = vdupq_n_s32(0);
}

/// Totals are [token][half of the rows].
INLINE void add_bytes(const uint8_t* weights, const uint8_t* tile, float32x4_t total[2 * kTokens]) {
  int32x4_t sum[2 * kTokens];
  clear(sum);
  Line::add_half(weights, tile, sum);
  Line::add_half(weights + 4 * kLine, tile + kPart / 2, sum);
  Line::arrange(sum);
  for (int i = 0; i < 2 * kTokens; i++) {
    const float32x4_t scale = load_reals(weights + 8 * kLine + 16 * (i % 2));
    const float32x4_t minimum = load_reals(weights + 8 * kLine + 4 * kRows + 16 * (i % 2));
    const uint8_t* scales = tile + kPart + 4 * (i / 2);
    total[i] = vfmaq_n_f32(total[i], minimum, load_real(scales + 4 * kTokens));
    total[i] = vfmaq_f32(total[i], vcvtq_f32_s32(sum[i]), vmulq_n_f32(scale, load_real(scales)));
  }
}

INLINE void add_words(const uint8_t* weights, const uint8_t* tile, float32x4_t total[2 * kTokens]) {
  for (int half = 0; half < 2; half++) {
    int32x4_t upper[2 * kTokens];
    int32x4_t lower[2 * kTokens];
    clear(upper);
    clear(lower);
    Line::add_half(weights + 4 * kLine * half, tile + kPart / 2 * half, upper);
    Line::add_half(weights + 4 * kLine * half, tile + kPart + kPart / 2 * half, lower);
    Line::arrange(upper);
    Line::arrange(lower);
    for (int i = 0; i < 2 * kTokens; i++) {
      const float32x4_t scale = load_reals(weights + 8 * kLine + 4 * kRows * half + 16 * (i % 2));
      const float32x4_t factor = vmulq_n_f32(scale, load_real(tile + 2 * kPart + 4 * (i / 2)));
      const int32x4_t both = vaddq_s32(vshlq_n_s32(upper[i], 7), lower[i]);
      total[i] = vfmaq_f32(total[i], vcvtq_f32_s32(both), factor);
    }
  }
}

void multiply(ActivationForm form, const uint8_t* expanded, int32_t, const uint8_t* tile, int32_t tokens,
              int64_t blocks, float* results, int64_t stride, bool overwrite) {
  float32x4_t total[2 * kTokens];
  for (int i = 0; i < 2 * kTokens; i++) {
    const bool before = !overwrite && i / 2 < tokens;
    total[i] = before ? vld1q_f32(results + i / 2 * stride + 4 * (i % 2)) : vdupq_n_f32(0.0f);
  }
  if (form == ActivationForm::bytes) {
    for (int64_t block = 0; block < blocks; block++) {
      add_bytes(expanded + block * kBytesPanel, tile + block * kBytesTile, total);
    }
  } else {
    for (int64_t block = 0; block < blocks; block++) {
      add_words(expanded + block * kBytesPanel, tile + block * kWordsTile, total);
    }
  }
  for (int i = 0; i < 2 * tokens; i++) vst1q_f32(results + i / 2 * stride + 4 * (i % 2), total[i]);
}

// One token. Sums are [half of the rows], of the upper and of the lower parts.

struct VectorSums {
  int32x4_t upper[2];
  int32x4_t lower[2];
};

INLINE void clear(VectorSums& sums) {
  for (int i = 0; i < 2; i++) sums.upper[i] = sums.lower[i] = vdupq_n_s32(0);
}

/// Quad `quad` of a block.
INLINE void add_quad(VectorSums& sums, Integers weights, const uint8_t* activation, int quad) {
  const int8x16_t upper = vreinterpretq_s8_u32(vld1q_dup_u32(reinterpret_cast<const uint32_t*>(activation + 4 * quad)));
  const int8x16_t lower =
      vreinterpretq_s8_u32(vld1q_dup_u32(reinterpret_cast<const uint32_t*>(activation + 32 + 4 * quad)));
  const int8x16_t rows[2] = {vreinterpretq_s8_u8(weights.low), vreinterpretq_s8_u8(weights.high)};
  for (int i = 0; i < 2; i++) {
    sums.upper[i] = vdotq_s32(sums.upper[i], rows[i], upper);
    sums.lower[i] = vdotq_s32(sums.lower[i], rows[i], lower);
  }
}

INLINE float32x4_t joined(const VectorSums& sums, int half) {
  return vcvtq_f32_s32(vaddq_s32(vshlq_n_s32(sums.upper[half], 7), sums.lower[half]));
}

template <BlockFormat format, int panels>
INLINE void vector_nibbles(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activations, int64_t blocks,
                           float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  for (int p = 0; p < panels; p++, packed += panel_bytes, results += kRows) {
    float32x4_t total[2] = {vdupq_n_f32(0.0f), vdupq_n_f32(0.0f)};
    for (int64_t block = 0; block < blocks; block++) {
      const uint8_t* activation = activations + block * kVectorBlock;
      const auto from = Nibbles<format>::at(packed, block);
      prefetch_lines(from.lines + ahead, kBlockQ4_1);
      VectorSums sums;
      clear(sums);
      for (int i = 0; i < 4; i++) {
        const Integers line = Line::load(from.lines + kLine * i);
        add_quad(sums, Line::low_nibbles(line), activation, 2 * i);
        add_quad(sums, Line::high_nibbles(line), activation, 2 * i + 1);
      }
      for (int i = 0; i < 2; i++) {
        const float32x4_t scale = vmulq_n_f32(from.scale.val[i], load_real(activation + 64));
        total[i] = vfmaq_f32(total[i], joined(sums, i), scale);
        total[i] = vfmaq_n_f32(total[i], from.minimum.val[i], load_real(activation + 68));
      }
    }
    for (int i = 0; i < 2; i++) vst1q_f32(results + 4 * i, total[i]);
  }
}

template <int panels>
INLINE void vector_bytes(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activations, int64_t blocks,
                         float* results) {
  const int64_t ahead = distance_ahead(panels, panel_bytes);
  for (int p = 0; p < panels; p++, packed += panel_bytes, results += kRows) {
    float32x4_t total[2] = {vdupq_n_f32(0.0f), vdupq_n_f32(0.0f)};
    for (int64_t block = 0; block < blocks; block++) {
      const uint8_t* activation = activations + block * kVectorBlock;
      const uint8_t* from = packed + block * kBlockQ8_0;
      prefetch_lines(from + ahead, kBlockQ8_0);
      VectorSums sums;
      clear(sums);
      for (int i = 0; i < 8; i++) add_quad(sums, Line::flip_signs(Line::load(from + kLine * i)), activation, i);
      const Reals scales = Line::load_half(from + 8 * kLine);
      for (int i = 0; i < 2; i++) {
        total[i] = vfmaq_f32(total[i], joined(sums, i), vmulq_n_f32(scales.val[i], load_real(activation + 64)));
      }
    }
    for (int i = 0; i < 2; i++) vst1q_f32(results + 4 * i, total[i]);
  }
}

INLINE void vector_six(const uint8_t* packed, const uint8_t* activations, int64_t blocks, float* results) {
  const Integers offset = Line::fill_bytes(32);
  float32x4_t total[2] = {vdupq_n_f32(0.0f), vdupq_n_f32(0.0f)};
  for (int64_t block = 0; block < blocks; block++) {
    const uint8_t* activation = activations + block * kVectorBlock;
    const uint8_t* super = packed + (block >> 3) * kSuperQ6_k;
    const uint8_t* from = super + (block & 7) * kBlockQ6_k;
    prefetch_lines(from + 4096, kBlockQ6_k);
    const Reals whole = Line::load_half(super + 8 * kBlockQ6_k);
    for (int half = 0; half < 2; half++) {
      VectorSums sums;
      clear(sums);
      for (int j = 2 * half; j < 2 * half + 2; j++) {
        Integers even;
        Integers odd;
        six_bits(from, j, even, odd);
        add_quad(sums, Line::sub_bytes(even, offset), activation, 2 * j);
        add_quad(sums, Line::sub_bytes(odd, offset), activation, 2 * j + 1);
      }
      const Reals scales = Line::mul(whole, Line::widen_signed(from + 6 * kLine + kRows * half));
      for (int i = 0; i < 2; i++) {
        total[i] = vfmaq_f32(total[i], joined(sums, i), vmulq_n_f32(scales.val[i], load_real(activation + 64)));
      }
    }
  }
  for (int i = 0; i < 2; i++) vst1q_f32(results + 4 * i, total[i]);
}

}  // namespace
}  // namespace halyard::cpu

#define HALYARD_QUANTIZED_NEON_KERNELS(name)                                                                \
  {name,                                                                                                    \
   kRows,                                                                                                   \
   1,                                                                                                       \
   kTokens,                                                                                                 \
   {ActivationForm::bytes, ActivationForm::bytes, ActivationForm::words, ActivationForm::bytes,             \
    ActivationForm::words},                                                                                 \
   {kBytesTile, kWordsTile},                                                                                \
   {kBytesPanel, kBytesPanel},                                                                              \
   kVectorBlock,                                                                                            \
   quantize,                                                                                                \
   quantize_vector,                                                                                         \
   expand_signed,                                                                                           \
   multiply,                                                                                                \
   multiply_vector}
