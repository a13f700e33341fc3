#pragma once

#include "../warp.h"
#include "matrix_elements.h"

namespace halyard::simulator {

/// Types of the operands of a product of M × K and K × N, and its shape as one warp sees it.
struct Shape {
  Element d, a, b, c;
  int m, k;
};

/// The fragment of A in a warp's registers (`list`), as rows. `per`: elements in a register. A lane's group is lane /
/// 4, its place within the group lane % 4; a register holds neighbours along K. Gives back the number of registers.
template <class T, int per>
int read_a(const Warp& w, const std::uint32_t* list, const Shape& s, T* a) {
  const int halves = s.m / 8, registers = s.m * s.k / (lanes * per), k = s.k;
  T values[4 * lanes];
  for (int r = 0; r < registers; ++r) {
    unpack(s.a, w.at<std::uint32_t>(list[r]), values);
    const int row = halves == 2 ? 8 * (r & 1) : 0, column = (halves == 2 ? r >> 1 : r) * 4 * per;
    // The four lanes of a group hold neighbours of one row.
    for (int group = 0; group < 8; ++group)
      std::memcpy(a + (row + group) * k + column, values + group * 4 * per, sizeof(T) * 4 * per);
  }
  return registers;
}

}  // namespace halyard::simulator
