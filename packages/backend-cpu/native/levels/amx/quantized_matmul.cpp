// The level's lines come first: blocks are written in terms of them.
// clang-format off
#include "../avx512vnni/quantized_line.h"
#include "../shared/quantized_signed.h"
// clang-format on

// Tiles multiply 16 tokens by 16 rows over a block of 32; since scales change from block to block, each product is taken
// out of its tile and added up as float32 in registers, while the tiles are at work on the next one. A packed line of
// weights is a row of a B tile as it is. Single tokens, and what is below 16 of them, are for avx512vnni's kernels.
//
// So far this has run on an emulation of the tile instructions alone, never on a processor that has them.

namespace halyard::cpu {
namespace {

constexpr int kTile = 16;
constexpr int kTileBytes = 32 * kTile;
/// A block of activations: int8 [16][32], scales, scales · sums; or upper and lower int8 [16][32], scales.
constexpr int kBytesActivations = kTileBytes + 8 * kTile;
constexpr int kWordsActivations = 2 * kTileBytes + 4 * kTile;

/// As LDTILECFG reads it.
struct alignas(64) TileShapes {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};

  constexpr void set(int tile, int height, int bytes) {
    row_bytes[tile] = static_cast<uint16_t>(bytes);
    rows[tile] = static_cast<uint8_t>(height);
  }
};

constexpr TileShapes bytes_shapes() {
  TileShapes shapes;
  for (int set = 0; set < 2; set++) {
    shapes.set(3 * set, kTile, 64);
    shapes.set(3 * set + 1, kTile, 32);
    shapes.set(3 * set + 2, 8, 64);
  }
  return shapes;
}

constexpr TileShapes words_shapes() {
  TileShapes shapes;
  for (int product = 0; product < 4; product++) shapes.set(product, kTile, 64);
  shapes.set(4, kTile, 16);
  shapes.set(5, kTile, 16);
  shapes.set(6, 4, 64);
  return shapes;
}

constexpr TileShapes kBytesShapes = bytes_shapes();
constexpr TileShapes kWordsShapes = words_shapes();

// Activations.

void quantize_tile(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile) {
  Integers quants[kQuantVectors];
  for (int64_t block = 0; block < blocks; block++, row += 32) {
    if (form == ActivationForm::bytes) {
      const float scale = quantize_block(row, kByteLimit, quants);
      Line::store_bytes(tile + 32 * lane, quants);
      store_float(tile + kTileBytes + 4 * lane, scale);
      store_float(tile + kTileBytes + 4 * kTile + 4 * lane, scale * static_cast<float>(Line::sum_of(quants)));
      tile += kBytesActivations;
    } else {
      const float scale = quantize_block(row, kWordLimit, quants);
      store_parts(quants, tile + 32 * lane, tile + kTileBytes + 32 * lane);
      store_float(tile + 2 * kTileBytes + 4 * lane, scale);
      tile += kWordsActivations;
    }
  }
}

// Products. The names of tiles have to be literals: compilers paste them into the instruction.

#define PRODUCT_OF_BYTES(product, left, right, activations, weights, to) \
  do {                                                                   \
    _tile_zero(product);                                                 \
    _tile_loadd(left, activations, 32);                                  \
    _tile_loadd(right, weights, kLine);                                  \
    _tile_dpbsud(product, left, right);                                  \
    _tile_stored(product, to, 64);                                       \
  } while (false)

INLINE void add_bytes(const int32_t* products, const uint8_t* weights, const uint8_t* scales, __m512 total[kTile]) {
  const __m512 scale = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 8 * kLine));
  const __m512 minimum = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 8 * kLine + 4 * kRows));
#pragma GCC unroll 16
  for (int t = 0; t < kTile; t++) {
    const __m512 product = _mm512_cvtepi32_ps(load_line(products + kTile * t));
    total[t] = _mm512_fmadd_ps(minimum, broadcast_float(scales + 4 * kTile + 4 * t), total[t]);
    total[t] = _mm512_fmadd_ps(product, _mm512_mul_ps(scale, broadcast_float(scales + 4 * t)), total[t]);
  }
}

void multiply_bytes(const uint8_t* weights, const uint8_t* tile, int64_t blocks, __m512 total[kTile]) {
  alignas(64) int32_t products[2][kTile * kTile];
  _tile_loadconfig(&kBytesShapes);
  PRODUCT_OF_BYTES(0, 1, 2, tile, weights, products[0]);
  for (int64_t block = 0; block < blocks; block++, weights += kBytesPanel, tile += kBytesActivations) {
    if (block + 1 < blocks) {
      if (block % 2 == 0)
        PRODUCT_OF_BYTES(3, 4, 5, tile + kBytesActivations, weights + kBytesPanel, products[1]);
      else
        PRODUCT_OF_BYTES(0, 1, 2, tile + kBytesActivations, weights + kBytesPanel, products[0]);
    }
    add_bytes(products[block % 2], weights, tile + kTileBytes, total);
  }
  _tile_release();
}

/// Upper and lower parts of one half of a block.
#define PRODUCTS_OF_WORDS(upper, lower, half, activations, weights, to)    \
  do {                                                                     \
    _tile_loadd(4, (activations) + 16 * (half), 32);                       \
    _tile_loadd(5, (activations) + kTileBytes + 16 * (half), 32);          \
    _tile_loadd(6, (weights) + 4 * kLine * (half), kLine);                 \
    _tile_zero(upper);                                                     \
    _tile_zero(lower);                                                     \
    _tile_dpbssd(upper, 4, 6);                                             \
    _tile_dpbssd(lower, 5, 6);                                             \
    _tile_stored(upper, (to)[upper], 64);                                  \
    _tile_stored(lower, (to)[lower], 64);                                  \
  } while (false)

INLINE __m512 joined(const int32_t* upper, const int32_t* lower) {
  return _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(load_line(upper), 7), load_line(lower)));
}

void multiply_words(const uint8_t* weights, const uint8_t* tile, int64_t blocks, __m512 total[kTile]) {
  alignas(64) int32_t products[4][kTile * kTile];
  _tile_loadconfig(&kWordsShapes);
  for (int64_t block = 0; block < blocks; block++, weights += kBytesPanel, tile += kWordsActivations) {
    PRODUCTS_OF_WORDS(0, 1, 0, tile, weights, products);
    PRODUCTS_OF_WORDS(2, 3, 1, tile, weights, products);
    const __m512 first = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 8 * kLine));
    const __m512 second = _mm512_loadu_ps(reinterpret_cast<const float*>(weights + 8 * kLine + 4 * kRows));
#pragma GCC unroll 16
    for (int t = 0; t < kTile; t++) {
      const __m512 low = _mm512_mul_ps(joined(products[0] + kTile * t, products[1] + kTile * t), first);
      const __m512 sum = _mm512_fmadd_ps(joined(products[2] + kTile * t, products[3] + kTile * t), second, low);
      total[t] = _mm512_fmadd_ps(sum, broadcast_float(tile + 2 * kTileBytes + 4 * t), total[t]);
    }
  }
  _tile_release();
}

void multiply(ActivationForm form, const uint8_t* expanded, int32_t, const uint8_t* tile, int32_t tokens,
              int64_t blocks, float* results, int64_t stride, bool overwrite) {
  __m512 total[kTile];
  for (int t = 0; t < kTile; t++) {
    total[t] = overwrite || t >= tokens ? _mm512_setzero_ps() : _mm512_loadu_ps(results + t * stride);
  }
  if (form == ActivationForm::bytes)
    multiply_bytes(expanded, tile, blocks, total);
  else
    multiply_words(expanded, tile, blocks, total);
  for (int t = 0; t < tokens; t++) _mm512_storeu_ps(results + t * stride, total[t]);
}

}  // namespace

extern const QuantizedMatmulKernels quantized_matmul_amx = {
    "amx",
    kRows,
    1,
    kTile,
    {ActivationForm::bytes, ActivationForm::bytes, ActivationForm::words, ActivationForm::bytes, ActivationForm::words},
    {kBytesActivations, kWordsActivations},
    {kBytesPanel, kBytesPanel},
    0,
    quantize_tile,
    nullptr,
    expand_signed,
    multiply,
    nullptr,
};

}  // namespace halyard::cpu
