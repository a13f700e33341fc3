#pragma once

// Included by a level's quantized_matmul.cpp after its quantized_line.h: how panels are gone through for one token.
// The level defines what is declared here.

#include "quantized_blocks.h"

namespace halyard::cpu {
namespace {

template <BlockFormat format, int panels>
INLINE void vector_nibbles(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                           float* results);
template <int panels>
INLINE void vector_bytes(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activation, int64_t blocks,
                         float* results);
INLINE void vector_six(const uint8_t* packed, const uint8_t* activation, int64_t blocks, float* results);

/// How far ahead of the product weights are asked for: the same place of panels that come at most 16 KB later, or,
/// where panels are long, a page further on.
INLINE int64_t distance_ahead(int panels, int64_t panel_bytes) {
  const int64_t bytes = panels * panel_bytes;
  return bytes > 0 && bytes <= 16384 ? 16384 / bytes * bytes : 4096;
}

INLINE void prefetch_lines(const uint8_t* from, int bytes) {
  for (int i = 0; i < bytes; i += 64) __builtin_prefetch(from + i);
}

template <BlockFormat format, int panels>
INLINE void vector_panels(const uint8_t* packed, int64_t panel_bytes, const uint8_t* activations, int64_t blocks,
                          float* results) {
  if constexpr (format == BlockFormat::q8_0) {
    vector_bytes<panels>(packed, panel_bytes, activations, blocks, results);
  } else if constexpr (format == BlockFormat::q6_k) {
    for (int p = 0; p < panels; p++) {
      vector_six(packed + p * panel_bytes, activations, blocks, results + p * kRows);
    }
  } else {
    vector_nibbles<format, panels>(packed, panel_bytes, activations, blocks, results);
  }
}

template <BlockFormat format>
void vector_format(const uint8_t* packed, int64_t panel_bytes, int64_t count, const uint8_t* activations,
                   int64_t blocks, float* results) {
  int64_t panel = 0;
  for (; panel + 2 <= count; panel += 2) {
    vector_panels<format, 2>(packed + panel * panel_bytes, panel_bytes, activations, blocks, results + panel * kRows);
  }
  if (panel < count) {
    vector_panels<format, 1>(packed + panel * panel_bytes, panel_bytes, activations, blocks, results + panel * kRows);
  }
}

void multiply_vector(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int64_t count,
                     const uint8_t* activations, int64_t blocks, float* results) {
  switch (format) {
    case BlockFormat::q4_0:
      return vector_format<BlockFormat::q4_0>(packed, panel_bytes, count, activations, blocks, results);
    case BlockFormat::q4_1:
      return vector_format<BlockFormat::q4_1>(packed, panel_bytes, count, activations, blocks, results);
    case BlockFormat::q4_k:
      return vector_format<BlockFormat::q4_k>(packed, panel_bytes, count, activations, blocks, results);
    case BlockFormat::q8_0:
      return vector_format<BlockFormat::q8_0>(packed, panel_bytes, count, activations, blocks, results);
    case BlockFormat::q6_k:
      return vector_format<BlockFormat::q6_k>(packed, panel_bytes, count, activations, blocks, results);
  }
}

}  // namespace
}  // namespace halyard::cpu
