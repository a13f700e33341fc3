#pragma once

#include <stdint.h>

namespace halyard::cpu {

/// How floats lie in memory where a kernel reads them; results are always float32.
enum class FloatForm : int32_t { float32, float16, bfloat16 };
inline constexpr int float_form_count = 3;

/// Kernels for float32 products C = A · B. B comes in panels of `columns` columns, packed as [k][columns], or in place
/// with its rows apart. A is read in place, row by row, and never packed.
struct MatmulKernels {
  const char* name;
  /// The tallest tile of `multiply`, and how many columns a packed panel has.
  int32_t rows;
  int32_t columns;
  /// The tallest tile of `multiply_wide`, which takes `wide_columns` columns at once.
  int32_t wide_rows;
  int32_t wide_columns;

  /// C [rows, count] = or += A [rows, k] · B [k, count], count ≤ `columns`. B's rows lie `b_stride` elements apart and
  /// are `columns` long where `b_stride` is `columns`, else only `count`.
  void (*multiply)(FloatForm form, int32_t rows, int32_t count, int64_t k, const float* a, int64_t a_stride,
                   const void* b, int64_t b_stride, float* c, int64_t c_stride, bool accumulate);
  /// The same for few rows and exactly `wide_columns` columns; column group j of `columns` begins at `b` + j · `apart`.
  void (*multiply_wide)(FloatForm form, int32_t rows, int64_t k, const float* a, int64_t a_stride, const void* b,
                        int64_t b_stride, int64_t apart, float* c, int64_t c_stride, bool accumulate);
  /// C [count] = A [k] · B [k, count], B's rows `b_stride` elements apart, each contiguous.
  void (*multiply_row)(FloatForm form, int64_t count, int64_t k, const float* a, const void* b, int64_t b_stride,
                       float* c);
  /// C [rows, count] = A [rows, k] · Bᵀ, B [count, k] with contiguous rows `b_stride` elements apart.
  void (*multiply_transposed)(FloatForm form, int32_t rows, int64_t count, int64_t k, const float* a, int64_t a_stride,
                              const void* b, int64_t b_stride, float* c, int64_t c_stride);
  /// Panels [k][columns] for `count` columns, one after another, from rows of B that lie `stride` apart; what is
  /// missing from the last becomes 0.
  void (*pack)(FloatForm form, int64_t k, int64_t count, const void* b, int64_t stride, float* panels);
  /// The same from rows of Bᵀ (contiguous along k) that lie `stride` apart.
  void (*pack_transposed)(FloatForm form, int64_t k, int64_t count, const void* b, int64_t stride, float* panels);
};

extern const MatmulKernels matmul_portable;
extern const MatmulKernels matmul_avx2;
extern const MatmulKernels matmul_avx512;
extern const MatmulKernels matmul_neon;

}  // namespace halyard::cpu
