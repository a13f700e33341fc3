#pragma once

// Included by a level's quantized_matmul.cpp after its quantized_line.h, which supplies `Line`: integer vectors of
// 4 · rows bytes, and float32 vectors of `rows`, with what is done to them. Activations and packed weights of
// block-quantized products, in terms of these alone.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../kernels/quantized_matmul.h"

namespace halyard::cpu {
namespace {

constexpr int kRows = Line::rows;
constexpr int kTokens = Line::tokens;
constexpr int kLine = 4 * kRows;
/// Expanded bytes: eight lines, scales, minima.
constexpr int kBytesPanel = 8 * kLine + 8 * kRows;
constexpr int kVectorBlock = 72;
constexpr float kByteLimit = 127.0f;
constexpr float kWordLimit = 16256.0f;  // 127 · 128: the upper seven bits of it are an int8 again

// Bytes of packed blocks of 32, and of 256.
constexpr int kNibbleLines = 4 * kLine;
constexpr int kBlockQ4_0 = 18 * kRows;
constexpr int kBlockQ4_1 = 20 * kRows;
constexpr int kBlockQ8_0 = 34 * kRows;
constexpr int kBlockQ4_k = 18 * kRows;
constexpr int kSuperQ4_k = 148 * kRows;
constexpr int kBlockQ6_k = 26 * kRows;
constexpr int kSuperQ6_k = 210 * kRows;

using Integers = Line::Integers;
using Reals = Line::Reals;
constexpr int kQuantVectors = 32 / kRows;

INLINE void store_float(uint8_t* to, float value) {
  memcpy(to, &value, 4);
}

// Activations.

/// Quantizes 32 floats to ±limit, nearest.
INLINE float quantize_block(const float* from, float limit, Integers quants[kQuantVectors]) {
  const float magnitude = Line::largest_magnitude(from);
  // Below that the reciprocal overflows; such a block is zero in all but name.
  const float inverse = magnitude > 1e-34f ? limit / magnitude : 0.0f;
  for (int i = 0; i < kQuantVectors; i++) quants[i] = Line::scale_and_round(from + kRows * i, inverse);
  return magnitude / limit;
}

/// Quants of a block as upper and lower int8: 128 · upper + lower.
INLINE void store_parts(const Integers quants[kQuantVectors], uint8_t* upper, uint8_t* lower) {
  Integers parts[kQuantVectors];
  for (int i = 0; i < kQuantVectors; i++) parts[i] = Line::upper_seven(quants[i]);
  Line::store_bytes(upper, parts);
  for (int i = 0; i < kQuantVectors; i++) parts[i] = Line::lower_seven(quants[i], parts[i]);
  Line::store_bytes(lower, parts);
}

// Packed weights.

/// Where a block of 32 and its scales lie in a packed panel of 4-bit weights.
template <BlockFormat format>
struct Nibbles {
  const uint8_t* lines;
  Reals scale;
  Reals minimum;

  INLINE Nibbles at(const uint8_t* panel, int64_t block) {
    Nibbles result;
    if (format == BlockFormat::q4_k) {
      const uint8_t* super = panel + (block >> 3) * kSuperQ4_k;
      result.lines = super + (block & 7) * kBlockQ4_k;
      const Reals quant = Line::widen_unsigned(result.lines + kNibbleLines);
      const Reals least = Line::widen_unsigned(result.lines + kNibbleLines + kRows);
      result.scale = Line::mul(Line::load_half(super + 8 * kBlockQ4_k), quant);
      result.minimum = Line::mul(Line::load_half(super + 8 * kBlockQ4_k + 2 * kRows), least);
    } else {
      result.lines = panel + (format == BlockFormat::q4_0 ? kBlockQ4_0 : kBlockQ4_1) * block;
      result.scale = Line::load_half(result.lines + kNibbleLines);
      if (format == BlockFormat::q4_1) {
        result.minimum = Line::load_half(result.lines + kNibbleLines + 2 * kRows);
      } else {
        result.minimum = Line::mul(result.scale, Line::fill(-8.0f));
      }
    }
    return result;
  }
};

template <BlockFormat format>
INLINE void expand_nibbles(const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first, int64_t blocks,
                           uint8_t* to) {
  for (int64_t block = first; block < first + blocks; block++) {
    for (int32_t panel = 0; panel < count; panel++, to += kBytesPanel) {
      const auto from = Nibbles<format>::at(packed + panel * panel_bytes, block);
      for (int i = 0; i < 4; i++) {
        const Integers line = Line::load(from.lines + kLine * i);
        Line::store_quads(to + 2 * kLine * i, Line::low_nibbles(line), Line::high_nibbles(line));
      }
      Line::store_reals(to + 8 * kLine, from.scale);
      Line::store_reals(to + 8 * kLine + 4 * kRows, from.minimum);
    }
  }
}

/// The 6-bit quants (0…63) of quads 2j and 2j+1 of a block of q6_k.
INLINE void six_bits(const uint8_t* block, int j, Integers& first, Integers& second) {
  const Integers line = Line::load(block + kLine * j);
  const Integers high = Line::shift_words_right(Line::load(block + kNibbleLines + kLine * (j >> 1)), 4 * (j & 1));
  first = Line::either(Line::low_nibbles(line), Line::upper_two(Line::template shift_words_left<4>(high)));
  second = Line::either(Line::high_nibbles(line), Line::upper_two(Line::template shift_words_left<2>(high)));
}

}  // namespace
}  // namespace halyard::cpu
