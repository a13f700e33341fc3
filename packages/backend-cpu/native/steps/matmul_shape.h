#pragma once

#include <cstdint>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

/// What a matmul step multiplies. Batches whose right operands are the same matrices are folded into rows.
struct MatmulShape {
  std::int64_t batch;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  /// Number of right operands.
  int results;
  /// Whether no right operand varies with the batch: then there are batch · m rows and one matrix.
  bool shared_right;

  /// Rows of one product, and how many products there are.
  std::int64_t rows() const { return shared_right ? batch * m : m; }
  std::int64_t products() const { return shared_right ? 1 : batch; }
};

MatmulShape matmul_shape(const Step& step);

/// Whether all rows of a view, batch after batch, lie equally far apart.
bool rows_are_even(const View& view);

/// Element offset of matrix `batch` (row-major over the batch dimensions) of a view.
std::int64_t matrix_offset(const View& view, std::int64_t batch);

}  // namespace halyard::cpu
