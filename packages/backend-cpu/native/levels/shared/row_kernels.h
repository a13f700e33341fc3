// The table of one instruction set: include this once in a file that is compiled for it.
#pragma once

#include "kernels/rows.h"
#include "math.h"

namespace {

struct SumFold {
  static constexpr float first = 0.0f;
  static inline __attribute__((always_inline)) Floats join(Floats a, Floats b) { return a + b; }
};
struct ProductFold {
  static constexpr float first = 1.0f;
  static inline __attribute__((always_inline)) Floats join(Floats a, Floats b) { return a * b; }
};
struct LeastFold {
  static constexpr float first = __builtin_inff();
  static inline __attribute__((always_inline)) Floats join(Floats a, Floats b) { return least(a, b); }
};
struct GreatestFold {
  static constexpr float first = -__builtin_inff();
  static inline __attribute__((always_inline)) Floats join(Floats a, Floats b) { return greatest(a, b); }
};

template <typename Fold>
HALYARD_INLINE float join_lanes(Floats x) {
  float values[lanes];
  store(values, x);
  Floats joined = splat(values[0]);
  for (int i = 1; i < lanes; i++) joined = Fold::join(joined, splat(values[i]));
  return joined[0];
}

/// Blocks of this many elements are summed apart and joined pairwise in order.
constexpr int64_t fold_block = 4096;

/// Folds `change(x)` over a row: four chains of vectors in each block.
template <typename Fold, typename Change>
HALYARD_INLINE float fold_row(const float* row, int64_t count, Change change) {
  float total = Fold::first;
  for (int64_t begin = 0; begin < count; begin += fold_block) {
    const float* block = row + begin;
    const int64_t length = count - begin < fold_block ? count - begin : fold_block;
    Floats a = splat(Fold::first);
    Floats b = a;
    Floats c = a;
    Floats d = a;
    int64_t i = 0;
    for (; i + 4 * lanes <= length; i += 4 * lanes) {
      a = Fold::join(a, change(load(block + i)));
      b = Fold::join(b, change(load(block + i + lanes)));
      c = Fold::join(c, change(load(block + i + 2 * lanes)));
      d = Fold::join(d, change(load(block + i + 3 * lanes)));
    }
    for (; i + lanes <= length; i += lanes) a = Fold::join(a, change(load(block + i)));
    float joined = join_lanes<Fold>(Fold::join(Fold::join(a, b), Fold::join(c, d)));
    for (; i < length; i++) joined = Fold::join(splat(joined), change(splat(block[i])))[0];
    total = Fold::join(splat(total), splat(joined))[0];
  }
  return total;
}

struct Same {
  inline __attribute__((always_inline)) Floats operator()(Floats x) const { return x; }
};
struct SquaredDistance {
  float mean;
  inline __attribute__((always_inline)) Floats operator()(Floats x) const {
    const Floats distance = x - mean;
    return distance * distance;
  }
};
struct ShiftedExponential {
  float shift;
  inline __attribute__((always_inline)) Floats operator()(Floats x) const { return exponential(x - shift); }
};

float row_sum(const float* row, int64_t count) { return fold_row<SumFold>(row, count, Same{}); }
float row_product(const float* row, int64_t count) { return fold_row<ProductFold>(row, count, Same{}); }
float row_least(const float* row, int64_t count) { return fold_row<LeastFold>(row, count, Same{}); }
float row_greatest(const float* row, int64_t count) { return fold_row<GreatestFold>(row, count, Same{}); }
float row_sum_of_squares(const float* row, int64_t count, float mean) {
  return fold_row<SumFold>(row, count, SquaredDistance{mean});
}
float row_sum_of_exponentials(const float* row, int64_t count, float shift) {
  return fold_row<SumFold>(row, count, ShiftedExponential{shift});
}

float row_exponentials(float* row, int64_t count, float shift) {
  Floats sum = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const Floats e = exponential(load(row + i) - shift);
    store(row + i, e);
    sum += e;
  }
  float total = sum_of(sum);
  for (; i < count; i++) {
    row[i] = exponential(splat(row[i] - shift))[0];
    total += row[i];
  }
  return total;
}

void row_shift_and_scale(float* row, int64_t count, float shift, float factor) {
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(row + i, (load(row + i) - shift) * factor);
  for (; i < count; i++) row[i] = (row[i] - shift) * factor;
}

constexpr halyard::cpu::RowKernels row_kernels(const char* name) {
  return {name,         row_sum,          row_product,
          row_least,    row_greatest,     row_sum_of_squares,
          row_sum_of_exponentials, row_exponentials, row_shift_and_scale};
}

}  // namespace
