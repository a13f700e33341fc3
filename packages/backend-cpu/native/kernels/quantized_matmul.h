#pragma once

#include <stdint.h>

namespace halyard::cpu {

/// Block formats of weights, each with a packed form of its own. The order is that of the tables below.
enum class BlockFormat : int32_t { q4_0, q4_1, q8_0, q4_k, q6_k };
inline constexpr int block_format_count = 5;

/// Activations are quantized per block of 32 along K, to the nearest, with a float32 scale.
///
/// `bytes`: int8. `words`: 15 bits in an int16, for weights of more than 4 bits, where it costs nothing.
enum class ActivationForm : int32_t { bytes, words };

/// Kernels for y = x · Wᵀ with block-quantized W [n, k], k a multiple of 32.
///
/// Weights are packed at load into panels of `rows` rows of W; a panel runs over all of K, block after block, so that a
/// vector's lanes are rows and no horizontal sums are needed. Packed blocks (`block_bytes` each, of `block_elements`
/// along K) hold, `rows` at a time: 4-bit quants in lines of 4·rows bytes, byte 4r+t of line j holding element 8j+t of
/// row r in its low and 8j+4+t in its high half; 8-bit quants, offset by 128, in lines of 4 elements per row; then the
/// scales. `pack_quantized_matmul` writes them.
///
/// With many tokens a panel's piece is expanded to the operand of the multiply kernel once, in the first-level cache,
/// and serves all tokens. With one token the packed form is read as it is, at the speed of memory, and activations are
/// kept to 15 bits, since arithmetic is not what limits it.
struct QuantizedMatmulKernels {
  const char* name;
  /// Rows of W in a panel.
  int32_t rows;
  /// Panels that one call of `multiply` takes side by side.
  int32_t panels;
  /// Tokens that one tile of packed activations holds.
  int32_t tokens;

  /// How `expand` and `multiply` want activations.
  ActivationForm form[block_format_count];
  /// Bytes of a tile of activations, and of `panels` expanded panels, per 32 elements of K.
  int32_t tile_block_bytes[2];
  int32_t expanded_block_bytes[2];
  /// Bytes of one packed activation row for `multiply_vector`, per 32 elements of K.
  int32_t vector_block_bytes;

  /// Quantizes `blocks` · 32 elements into lane `lane` of a tile.
  void (*quantize)(ActivationForm form, const float* row, int64_t blocks, int32_t lane, uint8_t* tile);
  /// Quantizes one row for `multiply_vector`. Null, like that, in a table that is for many tokens alone.
  void (*quantize_vector)(BlockFormat format, const float* row, int64_t blocks, uint8_t* activations);

  /// Expands blocks [first, first + blocks) of 32 of up to `panels` panels that lie `panel_bytes` apart.
  ///
  /// @param count panels that are there; the others are left out of the expanded form's use by `multiply`
  void (*expand)(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int32_t count, int64_t first,
                 int64_t blocks, uint8_t* expanded);
  /// Adds (or, with `overwrite`, stores) the products of `tokens` lanes of a tile with `count` expanded panels to
  /// `results` [tokens, count · rows].
  void (*multiply)(ActivationForm form, const uint8_t* expanded, int32_t count, const uint8_t* tile, int32_t tokens,
                   int64_t blocks, float* results, int64_t stride, bool overwrite);
  /// One token: `count` panels, `panel_bytes` apart, over all of K, to `results` [count · rows].
  void (*multiply_vector)(BlockFormat format, const uint8_t* packed, int64_t panel_bytes, int64_t count,
                          const uint8_t* activations, int64_t blocks, float* results);
};

extern const QuantizedMatmulKernels quantized_matmul_portable;
extern const QuantizedMatmulKernels quantized_matmul_avx2;
extern const QuantizedMatmulKernels quantized_matmul_avx512vnni;
extern const QuantizedMatmulKernels quantized_matmul_amx;
extern const QuantizedMatmulKernels quantized_matmul_neon;
extern const QuantizedMatmulKernels quantized_matmul_neon_dot;
extern const QuantizedMatmulKernels quantized_matmul_neon_i8mm;

}  // namespace halyard::cpu
