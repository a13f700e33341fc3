#pragma once

// Block-quantized products for machines without byte products of their own: weights are expanded to int16 lanes of 8
// rows, activations are 15 bits. Included by a level's quantized_matmul.cpp, which supplies `multiply_block`.

#include <stdint.h>
#include <string.h>

#include "../../kernels/quantized_matmul.h"

namespace halyard::cpu {
namespace {

constexpr int kRows = 8;
constexpr float kLimit = 16256.0f;

/// A block of 32 of one panel: element i of row r is quants[i][r] · scale[r] + minimum[r].
struct WideBlock {
  int16_t quants[32][kRows];
  float scale[kRows];
  float minimum[kRows];
};

/// A block of 32 activations, and their sum times the scale.
struct ActivationBlock {
  int16_t quants[32];
  float scale;
  float sum;
};

/// results[r] += Σ quants[i][r] · activation.quants[i] · scales + minimum[r] · sum, for `tokens` activation blocks.
static void multiply_block(const WideBlock& weights, const ActivationBlock* activations, int32_t tokens, float* results,
                           int64_t stride);

static inline float largest_of(const float* from) {
  // Magnitudes compare as integers, NaN above all.
  uint32_t largest = 0;
  for (int i = 0; i < 32; i++) {
    uint32_t bits;
    memcpy(&bits, from + i, 4);
    bits &= 0x7fffffffu;
    largest = largest > bits ? largest : bits;
  }
  float result;
  memcpy(&result, &largest, 4);
  return result;
}

static inline void quantize_block(const float* from, ActivationBlock* to) {
  const float magnitude = largest_of(from);
  const float inverse = magnitude > 1e-34f && magnitude < __builtin_inff() ? kLimit / magnitude : 0.0f;
  int32_t sum = 0;
  for (int i = 0; i < 32; i++) {
    // Adding and taking away 1.5 · 2^23 rounds to the nearest even.
    volatile float shifted = from[i] * inverse + 12582912.0f;
    const float rounded = shifted - 12582912.0f;
    to->quants[i] = inverse == 0.0f ? static_cast<int16_t>(0) : static_cast<int16_t>(rounded);
    sum += to->quants[i];
  }
  to->scale = magnitude / kLimit;
  to->sum = to->scale * static_cast<float>(sum);
}

static void quantize(ActivationForm, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  auto* to = reinterpret_cast<ActivationBlock*>(tile);
  for (int64_t block = 0; block < blocks; block++) quantize_block(row + 32 * block, to + block * 4 + lane);
}

static void quantize_vector(BlockFormat, const float* row, int64_t blocks, uint8_t* activations) {
  auto* to = reinterpret_cast<ActivationBlock*>(activations);
  for (int64_t block = 0; block < blocks; block++) quantize_block(row + 32 * block, to + block);
}

static inline float widen(const uint8_t* from) {
  uint16_t bits;
  memcpy(&bits, from, 2);
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 31u;
  const uint32_t fraction = bits & 1023u;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const uint32_t wide = sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | (fraction << 13);
  float result;
  memcpy(&result, &wide, 4);
  return result;
}

static inline void expand_nibbles(const uint8_t* lines, WideBlock* to) {
  for (int j = 0; j < 4; j++) {
    for (int r = 0; r < kRows; r++) {
      for (int t = 0; t < 4; t++) {
        const uint8_t both = lines[32 * j + 4 * r + t];
        to->quants[8 * j + t][r] = both & 15;
        to->quants[8 * j + 4 + t][r] = both >> 4;
      }
    }
  }
}

static inline void expand_block(BlockFormat format, const uint8_t* panel, int64_t block, WideBlock* to) {
  switch (format) {
    case BlockFormat::q4_0:
    case BlockFormat::q4_1: {
      const uint8_t* from = panel + block * (format == BlockFormat::q4_0 ? 144 : 160);
      expand_nibbles(from, to);
      for (int r = 0; r < kRows; r++) {
        to->scale[r] = widen(from + 128 + 2 * r);
        to->minimum[r] = format == BlockFormat::q4_0 ? -8.0f * to->scale[r] : widen(from + 144 + 2 * r);
      }
      return;
    }
    case BlockFormat::q4_k: {
      const uint8_t* super = panel + (block >> 3) * 1184;
      const uint8_t* from = super + (block & 7) * 144;
      expand_nibbles(from, to);
      for (int r = 0; r < kRows; r++) {
        to->scale[r] = widen(super + 1152 + 2 * r) * static_cast<float>(from[128 + r]);
        to->minimum[r] = widen(super + 1168 + 2 * r) * static_cast<float>(from[136 + r]);
      }
      return;
    }
    case BlockFormat::q8_0: {
      const uint8_t* from = panel + block * 272;
      for (int i = 0; i < 32; i++) {
        for (int r = 0; r < kRows; r++) {
          to->quants[i][r] = static_cast<int16_t>(from[32 * (i / 4) + 4 * r + i % 4] - 128);
        }
      }
      for (int r = 0; r < kRows; r++) {
        to->scale[r] = widen(from + 256 + 2 * r);
        to->minimum[r] = 0.0f;
      }
      return;
    }
    case BlockFormat::q6_k: {
      const uint8_t* super = panel + (block >> 3) * 1680;
      const uint8_t* from = super + (block & 7) * 208;
      for (int i = 0; i < 32; i++) {
        const int quad = i / 4;
        for (int r = 0; r < kRows; r++) {
          const int lane = 4 * r + i % 4;
          const int low = (from[32 * (quad / 2) + lane] >> (4 * (quad % 2))) & 15;
          const int high = (from[128 + 32 * (quad / 4) + lane] >> (2 * (quad % 4))) & 3;
          const int scale = static_cast<int8_t>(from[192 + 8 * (i / 16) + r]);
          to->quants[i][r] = static_cast<int16_t>(((low | (high << 4)) - 32) * scale);
        }
      }
      for (int r = 0; r < kRows; r++) {
        to->scale[r] = widen(super + 1664 + 2 * r);
        to->minimum[r] = 0.0f;
      }
      return;
    }
  }
}

static void expand(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first,
                   int64_t blocks, uint8_t* expanded) {
  auto* to = reinterpret_cast<WideBlock*>(expanded);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++) expand_block(format, packed + panel * panel_bytes, block, to++);
  }
}

static void multiply(ActivationForm, const uint8_t* expanded, int32_t, const uint8_t* tile, int32_t tokens,
                     int64_t blocks, float* results, int64_t stride, bool overwrite) {
  const auto* weights = reinterpret_cast<const WideBlock*>(expanded);
  const auto* activations = reinterpret_cast<const ActivationBlock*>(tile);
  for (int32_t token = 0; overwrite && token < tokens; token++) {
    for (int r = 0; r < kRows; r++) results[token * stride + r] = 0.0f;
  }
  for (int64_t block = 0; block < blocks; block++) {
    multiply_block(weights[block], activations + 4 * block, tokens, results, stride);
  }
}

static void multiply_vector(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int64_t count,
                            const uint8_t* activations, int64_t blocks, float* results) {
  const auto* from = reinterpret_cast<const ActivationBlock*>(activations);
  WideBlock wide;
  for (int64_t panel = 0; panel < count; panel++, results += kRows) {
    for (int r = 0; r < kRows; r++) results[r] = 0.0f;
    for (int64_t block = 0; block < blocks; block++) {
      expand_block(format, packed + panel * panel_bytes, block, &wide);
      multiply_block(wide, from + block, 1, results, kRows);
    }
  }
}

}  // namespace
}  // namespace halyard::cpu

#define HALYARD_QUANTIZED_WORDS_KERNELS(name)                                                              \
  {name,                                                                                                   \
   kRows,                                                                                                  \
   1,                                                                                                      \
   4,                                                                                                      \
   {ActivationForm::words, ActivationForm::words, ActivationForm::words, ActivationForm::words,            \
    ActivationForm::words},                                                                                \
   {4 * static_cast<int32_t>(sizeof(ActivationBlock)), 4 * static_cast<int32_t>(sizeof(ActivationBlock))}, \
   {static_cast<int32_t>(sizeof(WideBlock)), static_cast<int32_t>(sizeof(WideBlock))},                     \
   static_cast<int32_t>(sizeof(ActivationBlock)),                                                          \
   quantize,                                                                                               \
   quantize_vector,                                                                                        \
   expand,                                                                                                 \
   multiply,                                                                                               \
   multiply_vector}
