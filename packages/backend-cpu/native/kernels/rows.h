#pragma once

#include <stdint.h>

namespace halyard::cpu {

/// float32 along one contiguous row, `count` ≥ 1 elements exactly. Sums run in several chains, so their error grows with
/// the logarithm of the length.
struct RowKernels {
  const char* name;
  float (*sum)(const float* row, int64_t count);
  float (*product)(const float* row, int64_t count);
  /// NaN wins.
  float (*least)(const float* row, int64_t count);
  float (*greatest)(const float* row, int64_t count);
  /// Σ (x − mean)²
  float (*sum_of_squares)(const float* row, int64_t count, float mean);
  /// Σ exp(x − shift)
  float (*sum_of_exponentials)(const float* row, int64_t count, float shift);
  /// exp(x − shift) in place; gives their sum.
  float (*exponentials)(float* row, int64_t count, float shift);
  /// (x − shift) · factor in place.
  void (*shift_and_scale)(float* row, int64_t count, float shift, float factor);
};

extern const RowKernels rows_portable;
extern const RowKernels rows_avx2;
extern const RowKernels rows_avx512;
extern const RowKernels rows_neon;

}  // namespace halyard::cpu
