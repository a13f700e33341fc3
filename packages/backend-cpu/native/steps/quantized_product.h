#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../execution/configuration.h"
#include "../kernels/quantized_matmul.h"
#include "quantized_matmul_pack.h"
#include "split.h"

namespace halyard::cpu {

/// How a product is cut up; see knobs.
struct QuantizedBlocking {
  explicit QuantizedBlocking(const Attributes& given = {})
      : expanded_bytes(configured(given, knobs::expanded_bytes)),
        activation_bytes(configured(given, knobs::activation_bytes)),
        vector_columns(configured(given, knobs::vector_columns)) {}

  std::int64_t expanded_bytes;
  std::int64_t activation_bytes;
  std::int64_t vector_columns;
};

/// The schedule of x · Wᵢᵀ for block-quantized Wᵢ [n, k], i < results, packed for `kernels`.
///
/// One row: a single stage in which each thread quantizes the row for itself, which is cheaper than a barrier, and
/// takes a stretch of the columns. Many rows: a stage that quantizes, then one that multiplies, column group by column
/// group.
class QuantizedProduct {
 public:
  QuantizedProduct(const QuantizedMatmulKernels& kernels, BlockFormat format, std::int64_t rows, std::int64_t n,
                   std::int64_t k, int results, const QuantizedBlocking& blocking = QuantizedBlocking())
      : kernels_(&kernels),
        format_(format),
        rows_(rows),
        n_(n),
        k_(k),
        results_(results),
        vector_columns_(blocking.vector_columns) {
    blocks_ = k / 32;
    panel_bytes_ = packed_panel_bytes({format, kernels.rows}, k);
    unit_ = kernels.rows * kernels.panels;
    form_ = kernels.form[static_cast<int>(format)];
    const std::int64_t expanded = kernels.expanded_block_bytes[static_cast<int>(form_)];
    const std::int64_t pieces = std::max<std::int64_t>(1, divide_up(blocks_ * expanded, blocking.expanded_bytes));
    piece_blocks_ = divide_up(blocks_, pieces);
    tile_bytes_ = blocks_ * kernels.tile_block_bytes[static_cast<int>(form_)];
    // Activations of one group of rows stay in the second-level cache while the columns pass by.
    const std::int64_t tiles =
        std::clamp<std::int64_t>(blocking.activation_bytes / std::max<std::int64_t>(1, tile_bytes_), 8, 64);
    group_rows_ = std::min(tiles * kernels.tokens, round_up(rows, kernels.tokens));
  }

  bool is_vector() const { return rows_ == 1; }
  int stages() const { return is_vector() ? 1 : 2; }
  std::int64_t panel_bytes() const { return panel_bytes_; }

  /// Scratch: what all threads share, then a part for each.
  std::size_t scratch_bytes(int threads) const {
    return static_cast<std::size_t>(shared_bytes() + threads * thread_bytes());
  }

  /// @param row `const float* row(index, float* buffer)` gives row `index` of x, contiguous, in `buffer` if it must
  /// @param sink see `store` below
  template <typename Row, typename Sink>
  void run(const Row& row, const std::byte* const* weights, const Sink& sink, std::byte* scratch, int stage, int thread,
           int threads) const {
    if (rows_ == 0 || n_ == 0) return;
    std::byte* own = scratch + shared_bytes() + thread * thread_bytes();
    if (is_vector()) {
      run_vector(row, weights, sink, own, thread, threads);
    } else if (stage == 0) {
      run_quantize(row, scratch, own, thread, threads);
    } else {
      run_multiply(weights, sink, scratch, own, thread, threads);
    }
  }

 private:
  static constexpr std::int64_t kColumns = 64;
  // Not a power of two, so that the rows of a column group do not share a few sets of the first-level cache.
  static constexpr std::int64_t kStride = kColumns + 16;

  std::int64_t shared_bytes() const {
    return is_vector() ? 0 : round_up(divide_up(rows_, kernels_->tokens) * tile_bytes_, 64);
  }
  std::int64_t row_buffer_bytes() const { return round_up(k_ * 4, 64); }
  std::int64_t results_bytes() const {
    return is_vector() ? vector_columns_ * results_ * 4 : group_rows_ * kStride * results_ * 4;
  }
  std::int64_t operand_bytes() const {
    if (is_vector()) return round_up(blocks_ * kernels_->vector_block_bytes, 64);
    return round_up(piece_blocks_ * kernels_->expanded_block_bytes[static_cast<int>(form_)], 64);
  }
  std::int64_t thread_bytes() const {
    return round_up(row_buffer_bytes() + results_bytes() + operand_bytes(), 4096) + 128;
  }

  template <typename Row, typename Sink>
  void run_vector(const Row& row, const std::byte* const* weights, const Sink& sink, std::byte* own, int thread,
                  int threads) const {
    const Range units = split(divide_up(n_, unit_), thread, threads);
    if (units.begin == units.end) return;
    auto* buffer = reinterpret_cast<float*>(own);
    auto* results = reinterpret_cast<float*>(own + row_buffer_bytes());
    auto* activations = reinterpret_cast<std::uint8_t*>(own + row_buffer_bytes() + results_bytes());
    kernels_->quantize_vector(format_, row(0, buffer), blocks_, activations);
    const std::int64_t end = std::min(units.end * unit_, n_);
    for (std::int64_t column = units.begin * unit_; column < end; column += vector_columns_) {
      const std::int64_t columns = std::min(vector_columns_, end - column);
      const std::int64_t panels = divide_up(columns, kernels_->rows);
      for (int i = 0; i < results_; i++) {
        const auto* packed = reinterpret_cast<const std::uint8_t*>(weights[i]) + column / kernels_->rows * panel_bytes_;
        kernels_->multiply_vector(format_, packed, panel_bytes_, panels, activations, blocks_,
                                  results + i * vector_columns_);
      }
      sink.store(0, column, 1, columns, results, vector_columns_, vector_columns_);
    }
  }

  template <typename Row>
  void run_quantize(const Row& row, std::byte* scratch, std::byte* own, int thread, int threads) const {
    const Range tiles = split(divide_up(rows_, kernels_->tokens), thread, threads);
    auto* buffer = reinterpret_cast<float*>(own);
    for (std::int64_t tile = tiles.begin; tile < tiles.end; tile++) {
      auto* to = reinterpret_cast<std::uint8_t*>(scratch + tile * tile_bytes_);
      for (int lane = 0; lane < kernels_->tokens; lane++) {
        const std::int64_t index = tile * kernels_->tokens + lane;
        if (index < rows_) kernels_->quantize(form_, row(index, buffer), blocks_, lane, to);
      }
    }
  }

  template <typename Sink>
  void run_multiply(const std::byte* const* weights, const Sink& sink, const std::byte* scratch, std::byte* own,
                    int thread, int threads) const {
    const std::int64_t tiles = divide_up(rows_, kernels_->tokens);
    const std::int64_t units = divide_up(n_, unit_);
    // Every part of the rows expands the weights anew, so rows are split only where columns are few.
    const Grid grid = units >= 4 * threads ? Grid{1, threads} : choose_grid(tiles, units, threads);
    if (thread >= grid.rows * grid.columns) return;
    const Range own_tiles = split(tiles, thread / grid.columns, grid.rows);
    const Range own_units = split(units, thread % grid.columns, grid.columns);
    const std::int64_t row_end = std::min(own_tiles.end * kernels_->tokens, rows_);
    const std::int64_t column_end = std::min(own_units.end * unit_, n_);
    auto* results = reinterpret_cast<float*>(own + row_buffer_bytes());
    auto* expanded = reinterpret_cast<std::uint8_t*>(own + row_buffer_bytes() + results_bytes());
    for (std::int64_t first = own_tiles.begin * kernels_->tokens; first < row_end; first += group_rows_) {
      const std::int64_t rows = std::min(group_rows_, row_end - first);
      for (std::int64_t column = own_units.begin * unit_; column < column_end; column += kColumns) {
        const std::int64_t columns = std::min(kColumns, column_end - column);
        for (int i = 0; i < results_; i++) {
          const auto* packed = reinterpret_cast<const std::uint8_t*>(weights[i]);
          for (std::int64_t j = 0; j < columns; j += unit_) {
            multiply_unit(packed + (column + j) / kernels_->rows * panel_bytes_, panels_from(column + j), scratch,
                          first, rows, expanded, results + i * group_rows_ * kStride + j);
          }
        }
        sink.store(first, column, rows, columns, results, group_rows_ * kStride, kStride);
      }
    }
  }

  int panels_from(std::int64_t column) const {
    return static_cast<int>(std::min<std::int64_t>(kernels_->panels, divide_up(n_ - column, kernels_->rows)));
  }

  void multiply_unit(const std::uint8_t* packed, int panels, const std::byte* tiles, std::int64_t first,
                     std::int64_t rows, std::uint8_t* expanded, float* results) const {
    const int tokens = kernels_->tokens;
    const std::int64_t tile_block = kernels_->tile_block_bytes[static_cast<int>(form_)];
    if (blocks_ == 0) {
      for (std::int64_t row = 0; row < rows; row++) std::fill_n(results + row * kStride, panels * kernels_->rows, 0.0f);
    }
    for (std::int64_t block = 0; block < blocks_; block += piece_blocks_) {
      const std::int64_t blocks = std::min(piece_blocks_, blocks_ - block);
      kernels_->expand(format_, packed, panel_bytes_, panels, block, blocks, expanded);
      for (std::int64_t row = 0; row < rows; row += tokens) {
        const auto* tile = reinterpret_cast<const std::uint8_t*>(tiles + (first + row) / tokens * tile_bytes_);
        kernels_->multiply(form_, expanded, panels, tile + block * tile_block,
                           static_cast<int>(std::min<std::int64_t>(tokens, rows - row)), blocks,
                           results + row * kStride, kStride, block == 0);
      }
    }
  }

  const QuantizedMatmulKernels* kernels_;
  BlockFormat format_;
  ActivationForm form_;
  std::int64_t rows_;
  std::int64_t n_;
  std::int64_t k_;
  int results_;
  std::int64_t vector_columns_;
  std::int64_t blocks_;
  std::int64_t panel_bytes_;
  std::int64_t unit_;
  std::int64_t piece_blocks_;
  std::int64_t tile_bytes_;
  std::int64_t group_rows_;
};

}  // namespace halyard::cpu
