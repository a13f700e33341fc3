#pragma once

#include <cstdint>

#include "../execution/step_kernel.h"

namespace halyard::cpu {

inline std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}
inline std::int64_t round_up(std::int64_t a, std::int64_t b) {
  return divide_up(a, b) * b;
}

/// How threads share a product: `rows` · `columns` parts, at most `threads`, so that the largest part is least.
struct Grid {
  int rows;
  int columns;
};

inline Grid choose_grid(std::int64_t row_units, std::int64_t column_units, int threads) {
  Grid best{1, threads};
  std::int64_t least = -1;
  for (int rows = 1; rows <= threads; rows++) {
    const int columns = threads / rows;
    const std::int64_t largest = divide_up(row_units, rows) * divide_up(column_units, columns);
    if (least < 0 || largest < least) {
      least = largest;
      best = {rows, columns};
    }
  }
  return best;
}

}  // namespace halyard::cpu
