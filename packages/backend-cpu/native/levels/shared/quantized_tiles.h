#pragma once

// Included by a level's quantized_matmul.cpp after shared/quantized_blocks.h: operands of `multiply` where a quad of one
// token's activations is broadcast to all rows, int8 for 4-bit weights and int16 for the others.

#include "quantized_blocks.h"

namespace halyard::cpu {
namespace {

constexpr int kBytesTile = 32 * kTokens + 8 * kTokens;
constexpr int kWordsTile = 64 * kTokens + 4 * kTokens;
/// Expanded words: sixteen lines, scales.
constexpr int kWordsPanel = 16 * kLine + 4 * kRows;

void quantize(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  alignas(64) uint8_t lines[64];
  Integers quants[kQuantVectors];
  for (int64_t block = 0; block < blocks; block++, row += 32) {
    if (form == ActivationForm::bytes) {
      const float scale = quantize_block(row, kByteLimit, quants);
      Line::store_bytes(lines, quants);
      for (int i = 0; i < 8; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      uint8_t* scales = tile + 32 * kTokens + 4 * lane;
      store_float(scales, scale);
      store_float(scales + 4 * kTokens, scale * static_cast<float>(Line::sum_of(quants)));
      tile += kBytesTile;
    } else {
      const float scale = quantize_block(row, kWordLimit, quants);
      Line::store_words(lines, quants);
      for (int i = 0; i < 16; i++) memcpy(tile + (i * kTokens + lane) * 4, lines + 4 * i, 4);
      store_float(tile + 64 * kTokens + 4 * lane, scale);
      tile += kWordsTile;
    }
  }
}

/// 4-bit weights: 32 bytes of upper and 32 of lower parts, scale, scale · sum. Others: 16 pairs, scale, −128 · sum.
void quantize_vector(BlockFormat format, const float* row, int64_t blocks, uint8_t* to) {
  const bool nibbles = format == BlockFormat::q4_0 || format == BlockFormat::q4_1 || format == BlockFormat::q4_k;
  Integers quants[kQuantVectors];
  for (int64_t block = 0; block < blocks; block++, row += 32, to += kVectorBlock) {
    const float scale = quantize_block(row, kWordLimit, quants);
    const int32_t sum = Line::sum_of(quants);
    store_float(to + 64, scale);
    if (nibbles) {
      store_parts(quants, to, to + 32);
      store_float(to + 68, scale * static_cast<float>(sum));
    } else {
      Line::store_words(to, quants);
      const int32_t offset = -128 * sum;
      memcpy(to + 68, &offset, 4);
    }
  }
}

INLINE void expand_bytes(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                         uint8_t* to) {
  const Integers offset = Line::fill_words(128);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* from = packed + panel * panel_bytes + block * kBlockQ8_0;
      for (int i = 0; i < 8; i++) {
        const Integers line = Line::load(from + kLine * i);
        Line::store(to + 2 * kLine * i, Line::sub_words(Line::even_bytes(line), offset));
        Line::store(to + 2 * kLine * i + kLine, Line::sub_words(Line::odd_bytes(line), offset));
      }
      Line::store_reals(to + 16 * kLine, Line::load_half(from + 8 * kLine));
    }
  }
}

INLINE void expand_six(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                       uint8_t* to) {
  const Integers offset = Line::fill_words(32);
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kWordsPanel) {
      const uint8_t* super = packed + panel * panel_bytes + (block >> 3) * kSuperQ6_k;
      const uint8_t* from = super + (block & 7) * kBlockQ6_k;
      for (int j = 0; j < 4; j++) {
        const Integers scale = Line::widen_signed_twice(from + 6 * kLine + kRows * (j >> 1));
        Integers quads[2];
        six_bits(from, j, quads[0], quads[1]);
        for (int i = 0; i < 2; i++) {
          const Integers even = Line::sub_words(Line::even_bytes(quads[i]), offset);
          const Integers odd = Line::sub_words(Line::odd_bytes(quads[i]), offset);
          Line::store(to + 4 * kLine * j + 2 * kLine * i, Line::mul_words(even, scale));
          Line::store(to + 4 * kLine * j + 2 * kLine * i + kLine, Line::mul_words(odd, scale));
        }
      }
      Line::store_reals(to + 16 * kLine, Line::load_half(super + 8 * kBlockQ6_k));
    }
  }
}

void expand(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first,
            int64_t blocks, uint8_t* to) {
  switch (format) {
    case BlockFormat::q4_0:
      return expand_nibbles<BlockFormat::q4_0>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q4_1:
      return expand_nibbles<BlockFormat::q4_1>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q4_k:
      return expand_nibbles<BlockFormat::q4_k>(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q8_0:
      return expand_bytes(packed, panel_bytes, count, first, blocks, to);
    case BlockFormat::q6_k:
      return expand_six(packed, panel_bytes, count, first, blocks, to);
  }
}

}  // namespace
}  // namespace halyard::cpu
