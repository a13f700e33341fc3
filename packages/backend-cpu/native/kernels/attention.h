#pragma once

#include <stdint.h>

#include "matmul.h"

namespace halyard::cpu {

/// Kernels for flash-style attention; the products themselves are those of `MatmulKernels`.
struct AttentionKernels {
  const char* name;
  /// One block of keys for one query. `scores` [count] become exp(score − maximum), where `maximum` is first raised to
  /// the greatest score seen; `sum` is what has been summed so far. Returns the factor that brings earlier sums and
  /// outputs to the new maximum: 1 where it did not grow. Scores may be −∞.
  float (*soften)(float* scores, int64_t count, float* maximum, float* sum);
  /// to = to · factor, and to += from · factor.
  void (*scale)(float* to, int64_t count, float factor);
  void (*add_scaled)(float* to, const float* from, int64_t count, float factor);
};

extern const AttentionKernels attention_portable;
extern const AttentionKernels attention_avx2;
extern const AttentionKernels attention_avx512;
extern const AttentionKernels attention_neon;

}  // namespace halyard::cpu
