#pragma once

// Included by a level's quantized_matmul.cpp after shared/quantized_blocks.h: all weights as int8, those of 6 and 8 bits
// to meet 15 bits of activations as an upper and a lower int8, in two halves of 16 elements, which is how far a scale of
// q6_k reaches.

#include "quantized_blocks.h"

namespace halyard::cpu {
namespace {

/// Eight lines; then the scales of both halves.
void expand_eight_signed(const uint8_t* panel, int64_t first, int64_t blocks, uint8_t* to) {
  for (int64_t block = first; block < first + blocks; block++, to += kBytesPanel) {
    const uint8_t* from = panel + block * kBlockQ8_0;
    for (int i = 0; i < 8; i += 2) {
      const Integers even = Line::flip_signs(Line::load(from + kLine * i));
      Line::store_quads(to + kLine * i, even, Line::flip_signs(Line::load(from + kLine * i + kLine)));
    }
    const Reals scale = Line::load_half(from + 8 * kLine);
    Line::store_reals(to + 8 * kLine, scale);
    Line::store_reals(to + 8 * kLine + 4 * kRows, scale);
  }
}

void expand_six_signed(const uint8_t* panel, int64_t first, int64_t blocks, uint8_t* to) {
  const Integers offset = Line::fill_bytes(32);
  for (int64_t block = first; block < first + blocks; block++, to += kBytesPanel) {
    const uint8_t* super = panel + (block >> 3) * kSuperQ6_k;
    const uint8_t* from = super + (block & 7) * kBlockQ6_k;
    for (int j = 0; j < 4; j++) {
      Integers even;
      Integers odd;
      six_bits(from, j, even, odd);
      Line::store_quads(to + 2 * kLine * j, Line::sub_bytes(even, offset), Line::sub_bytes(odd, offset));
    }
    const Reals whole = Line::load_half(super + 8 * kBlockQ6_k);
    for (int half = 0; half < 2; half++) {
      const Reals scale = Line::widen_signed(from + 6 * kLine + kRows * half);
      Line::store_reals(to + 8 * kLine + 4 * kRows * half, Line::mul(whole, scale));
    }
  }
}

void expand_signed(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int32_t, int64_t first,
                   int64_t blocks, uint8_t* to) {
  switch (format) {
    case BlockFormat::q4_0:
      return expand_nibbles<BlockFormat::q4_0>(packed, panel_bytes, 1, first, blocks, to);
    case BlockFormat::q4_1:
      return expand_nibbles<BlockFormat::q4_1>(packed, panel_bytes, 1, first, blocks, to);
    case BlockFormat::q4_k:
      return expand_nibbles<BlockFormat::q4_k>(packed, panel_bytes, 1, first, blocks, to);
    case BlockFormat::q8_0:
      return expand_eight_signed(packed, first, blocks, to);
    case BlockFormat::q6_k:
      return expand_six_signed(packed, first, blocks, to);
  }
}

}  // namespace
}  // namespace halyard::cpu
