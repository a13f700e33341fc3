#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../execution/configuration.h"
#include "../kernels/matmul.h"
#include "split.h"

namespace halyard::cpu {

/// How the right operand of a product is reached.
enum class RightForm {
  /// Packed at load: panels [k][columns], one after another.
  packed,
  /// Few rows of A read B where it is, contiguous along n.
  rows,
  /// The same, contiguous along k.
  transposed,
  /// A group of columns is brought into panels before its product, by whoever knows how.
  read,
};

/// One matrix of the right operand: its first element, and for `rows` and `transposed` how far its rows lie apart.
struct RightMatrix {
  const std::byte* data;
  std::int64_t stride;
};

/// How a product is cut up; see knobs.
struct FloatBlocking {
  explicit FloatBlocking(const Attributes& given = {})
      : depth(configured(given, knobs::depth)),
        in_place_depth(configured(given, knobs::in_place_depth)),
        row_group(configured(given, knobs::row_group)),
        column_group(configured(given, knobs::column_group)),
        in_place_columns(configured(given, knobs::in_place_columns)),
        panel_bytes(configured(given, knobs::panel_bytes)) {}

  std::int64_t depth;
  std::int64_t in_place_depth;
  std::int64_t row_group;
  std::int64_t column_group;
  std::int64_t in_place_columns;
  std::int64_t panel_bytes;
};

/// The schedule of C = A · B in float32 for one matrix of a batch: A [rows, k] with contiguous rows, `results` matrices
/// B [k, n] with results side by side. Threads take parts of the rows and columns; no two write the same result, and
/// each packs what it reads.
class FloatProduct {
 public:
  FloatProduct(const MatmulKernels& kernels, RightForm right, FloatForm form, std::int64_t rows, std::int64_t n,
               std::int64_t k, int results, bool direct, const FloatBlocking& blocking = FloatBlocking())
      : kernels_(&kernels), right_(right), form_(form), rows_(rows), n_(n), k_(k), results_(results), direct_(direct) {
    element_bytes_ = form_ == FloatForm::float32 ? 4 : 2;
    // Sums over a piece of K stay in registers. Rows of B in place pass by a few at a time, so that they are read along.
    const std::int64_t most = right == RightForm::rows ? blocking.in_place_depth : blocking.depth;
    const std::int64_t pieces = std::max<std::int64_t>(1, divide_up(k, most));
    piece_ = round_up(divide_up(k, pieces), 4);
    group_rows_ = std::min(rows, blocking.row_group);
    group_ = right == RightForm::rows ? blocking.in_place_columns : blocking.column_group;
    if (right == RightForm::read) {
      const std::int64_t fitting = blocking.panel_bytes / (4 * std::max<std::int64_t>(k, 1));
      group_ = std::clamp(fitting / kernels.columns * kernels.columns, static_cast<std::int64_t>(kernels.columns),
                          blocking.column_group);
    }
  }

  static std::int64_t packed_bytes(const MatmulKernels& kernels, std::int64_t n, std::int64_t k) {
    return divide_up(n, kernels.columns) * kernels.columns * k * 4;
  }

  std::int64_t thread_bytes() const { return round_up(panel_bytes() + results_bytes(), 4096) + 128; }

  /// Units in which rows and columns are shared out.
  std::int64_t row_units() const { return divide_up(rows_, kernels_->rows); }
  std::int64_t column_units() const { return divide_up(n_, kernels_->columns); }

  /// The most rows for which reading B in place is worth it.
  static std::int64_t few_rows(const MatmulKernels& kernels, RightForm right) {
    return right == RightForm::rows ? kernels.rows : 3;
  }

  /// Part `thread` of `threads`.
  ///
  /// @param a_stride between rows of A
  /// @param read `read(result, column, count, panels)` writes panels of B's columns, for RightForm::read
  /// @param sink `float* direct(row, column, stride)`, or `store(row, column, rows, columns, results, apart, stride)`
  template <typename Read, typename Sink>
  void run(const float* a, std::int64_t a_stride, const RightMatrix* right, const Read& read, const Sink& sink,
           std::byte* own, int thread, int threads) const {
    if (rows_ == 0 || n_ == 0) return;
    const Grid grid =
        column_units() >= 2 * threads ? Grid{1, threads} : choose_grid(row_units(), column_units(), threads);
    if (thread >= grid.rows * grid.columns) return;
    const Range rows = split(rows_, thread / grid.columns, grid.rows, kernels_->rows);
    const Range columns = split(n_, thread % grid.columns, grid.columns, kernels_->columns);
    auto* panels = reinterpret_cast<float*>(own);
    auto* results = reinterpret_cast<float*>(own + panel_bytes());
    for (std::int64_t column = columns.begin; column < columns.end; column += group_) {
      const std::int64_t count = std::min(group_, columns.end - column);
      for (int i = 0; right_ == RightForm::read && i < results_; i++) read(i, column, count, panels + i * k_ * group_);
      for (std::int64_t row = rows.begin; row < rows.end; row += group_rows_) {
        const std::int64_t height = std::min(group_rows_, rows.end - row);
        float* to = results;
        std::int64_t stride = group_;
        if (direct_) to = sink.direct(row, column, stride);
        for (int i = 0; i < results_; i++) {
          multiply(a + row * a_stride, a_stride, height, right[i], column, count, panels + i * k_ * group_,
                   to + i * group_rows_ * group_, stride);
        }
        if (!direct_) sink.store(row, column, height, count, results, group_rows_ * group_, group_);
      }
    }
  }

 private:
  std::int64_t panel_bytes() const { return right_ == RightForm::read ? round_up(k_ * group_ * results_ * 4, 64) : 0; }
  std::int64_t results_bytes() const { return direct_ ? 0 : group_rows_ * group_ * results_ * 4; }

  void multiply(const float* a, std::int64_t a_stride, std::int64_t height, const RightMatrix& right,
                std::int64_t column, std::int64_t count, const float* panels, float* c, std::int64_t c_stride) const {
    if (right_ == RightForm::transposed) {
      kernels_->multiply_transposed(form_, static_cast<std::int32_t>(height), count, k_, a, a_stride,
                                    right.data + column * right.stride * element_bytes_, right.stride, c, c_stride);
      return;
    }
    const bool in_place = right_ == RightForm::rows;
    const std::byte* b = reinterpret_cast<const std::byte*>(panels);
    if (in_place) b = right.data + column * element_bytes_;
    if (right_ == RightForm::packed) b = right.data + column * k_ * 4;
    const FloatForm form = in_place ? form_ : FloatForm::float32;
    const std::int64_t bytes = in_place ? element_bytes_ : 4;
    const std::int64_t b_stride = in_place ? right.stride : kernels_->columns;
    const std::int64_t apart = in_place ? kernels_->columns : k_ * kernels_->columns;
    if (in_place && height == 1) {
      kernels_->multiply_row(form, count, k_, a, b, b_stride, c);
      return;
    }
    std::int64_t step = 0;
    do {
      const std::int64_t length = std::min(piece_, k_ - step);
      std::int64_t j = 0;
      for (; height <= kernels_->wide_rows && j + kernels_->wide_columns <= count; j += kernels_->wide_columns) {
        kernels_->multiply_wide(form, static_cast<std::int32_t>(height), length, a + step, a_stride,
                                b + (j / kernels_->columns * apart + step * b_stride) * bytes, b_stride, apart, c + j,
                                c_stride, step != 0);
      }
      tiles(form, a, a_stride, height, step, length, b, bytes, b_stride, apart, j, count, c, c_stride);
      step += length;
    } while (step < k_);
  }

  /// All tiles of columns [first, count) over one piece of K.
  void tiles(FloatForm form, const float* a, std::int64_t a_stride, std::int64_t height, std::int64_t step,
             std::int64_t length, const std::byte* b, std::int64_t bytes, std::int64_t b_stride, std::int64_t apart,
             std::int64_t first, std::int64_t count, float* c, std::int64_t c_stride) const {
    // Tiles of nearly equal height: 8 rows are 4 + 4, not 6 + 2.
    const std::int64_t parts = divide_up(height, kernels_->rows);
    for (std::int64_t j = first; j < count; j += kernels_->columns) {
      const auto width = static_cast<std::int32_t>(std::min<std::int64_t>(kernels_->columns, count - j));
      const std::byte* from = b + (j / kernels_->columns * apart + step * b_stride) * bytes;
      for (std::int64_t part = 0; part < parts; part++) {
        const std::int64_t begin = height * part / parts;
        const std::int64_t end = height * (part + 1) / parts;
        kernels_->multiply(form, static_cast<std::int32_t>(end - begin), width, length, a + begin * a_stride + step,
                           a_stride, from, b_stride, c + begin * c_stride + j, c_stride, step != 0);
      }
    }
  }

  const MatmulKernels* kernels_;
  RightForm right_;
  FloatForm form_;
  std::int64_t rows_;
  std::int64_t n_;
  std::int64_t k_;
  int results_;
  bool direct_;
  std::int64_t element_bytes_;
  std::int64_t piece_;
  std::int64_t group_;
  std::int64_t group_rows_;
};

}  // namespace halyard::cpu
