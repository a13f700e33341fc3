#pragma once

#include <cstring>

namespace halyard::simulator {

/// In which order eight neighbouring columns of an accumulator lie in two registers of a group of four lanes.
inline constexpr int column_order[8] = {0, 2, 4, 6, 1, 3, 5, 7};

/// Eight rows, `stride` apart, become `columns` (at most 8) rows of eight, in the order above. T has 4 bytes; all eight
/// places of a row may be read.
template <class T>
inline void transpose(const T* rows, int stride, int columns, T* to) {
#if __has_builtin(__builtin_shufflevector)
  typedef T Row __attribute__((vector_size(32), aligned(4)));
  Row r[8], s[8], t[8];
  for (int i = 0; i < 8; ++i) std::memcpy(&r[i], rows + column_order[i] * stride, sizeof(Row));
  for (int i = 0; i < 8; i += 2) {
    s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    t[i] = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    t[i + 1] = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    t[i + 2] = __builtin_shufflevector(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    t[i + 3] = __builtin_shufflevector(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int i = 0; i < 4; ++i) {
    r[i] = __builtin_shufflevector(t[i], t[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    r[i + 4] = __builtin_shufflevector(t[i], t[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  std::memcpy(to, r, sizeof(T) * 8 * static_cast<std::size_t>(columns));
#else
  for (int column = 0; column < columns; ++column)
    for (int i = 0; i < 8; ++i) to[8 * column + i] = rows[column_order[i] * stride + column];
#endif
}

}  // namespace halyard::simulator
