#pragma once

#include <algorithm>
#include <cstdint>

#include "../asynchronous/matrix_operand.h"
#include "../worker.h"
#include "matrix_transpose.h"

namespace halyard::simulator {

/// D of 64 × N += A of 64 × K · B of K × N, by four warps.
struct Product {
  Element d, a, b;
  int n, k;
};

inline constexpr int rows_of_warp = 16;  ///< of D that one warp has

/// B as blocks of 8 columns: [N / 8][K][8], the columns of a block in the order that the registers of D have.
template <class T>
void read_b(const Warp& w, const Product& p, const MatrixPart& part, T* b) {
  const int per = 16 / static_cast<int>(element_bytes(p.b));
  for (std::uint32_t outer = 0; outer < part.outer; ++outer)
    for (std::uint32_t inner = 0; inner < part.inner; ++inner) {
      alignas(32) T values[8][16];
      for (std::uint32_t r = 0; r < 8; ++r)
        unpack_chunk(p.b, w.block->shared + part.descriptor.row(part.is_transposed, outer, inner, r), values[r]);
      T* block = b + (static_cast<int>(outer) * p.k + static_cast<int>(inner) * (part.is_transposed ? 8 : per)) * 8;
      if (part.is_transposed) {
        for (int r = 0; r < 8; ++r)
          for (int i = 0; i < 8; ++i) block[r * 8 + i] = values[r][column_order[i]];
      } else {
        for (int k = 0; k < per; k += 8) transpose(&values[0][k], 16, std::min(8, per - k), block + k * 8);
      }
    }
}

/// A as [16][K].
template <class T>
void read_a_in_memory(const Warp& w, const Product& p, const MatrixPart& part, T* a) {
  const int per = 16 / static_cast<int>(element_bytes(p.a));
  for (std::uint32_t outer = 0; outer < part.outer; ++outer)
    for (std::uint32_t inner = 0; inner < part.inner; ++inner)
      for (std::uint32_t r = 0; r < 8; ++r) {
        T values[16];
        unpack_chunk(p.a, w.block->shared + part.descriptor.row(part.is_transposed, part.first + outer, inner, r),
                     values);
        const int i = static_cast<int>(outer) * 8, k = static_cast<int>(inner) * (part.is_transposed ? 8 : per);
        if (part.is_transposed)
          for (int m = 0; m < 8; ++m) a[(i + m) * p.k + k + static_cast<int>(r)] = values[m];
        else
          std::memcpy(a + (i + static_cast<int>(r)) * p.k + k, values, sizeof(T) * static_cast<std::size_t>(per));
      }
}

/// Adds 16 × K × 8 to two registers of 32 lanes per 8 rows, in place: a lane's group (of four) has a row.
template <class T>
void multiply_block(const T* a, const T* b, int k_count, T* (&d)[4]) {
  typedef T Row __attribute__((vector_size(8 * sizeof(T)), aligned(sizeof(T))));
  for (int half = 0; half < 2; ++half) {
    T *even = d[2 * half], *odd = d[2 * half + 1];
    Row sums[8];
    for (int g = 0; g < 8; ++g) {
      T row[8];
      std::memcpy(row, even + 4 * g, 4 * sizeof(T));
      std::memcpy(row + 4, odd + 4 * g, 4 * sizeof(T));
      std::memcpy(&sums[g], row, sizeof(row));
    }
    for (int k = 0; k < k_count; ++k) {
      const Row row = *reinterpret_cast<const Row*>(b + 8 * k);
      for (int g = 0; g < 8; ++g) sums[g] += a[(8 * half + g) * k_count + k] * row;
    }
    for (int g = 0; g < 8; ++g) {
      T row[8];
      std::memcpy(row, &sums[g], sizeof(row));
      std::memcpy(even + 4 * g, row, 4 * sizeof(T));
      std::memcpy(odd + 4 * g, row + 4, 4 * sizeof(T));
    }
  }
}

/// The columns of D, 8 at a time; halves are rounded once, at the end.
template <class T>
void multiply_all(const Warp& w, const std::uint32_t* list, const Product& p, const T* a, const T* b, bool adds) {
  const bool is_half = p.d == Element::f16;
  T unpacked[4][lanes];
  for (int block = 0; block < p.n / 8; ++block) {
    T* d[4];
    for (int i = 0; i < 4; ++i) d[i] = is_half ? unpacked[i] : w.at<T>(list[4 * block + i]);
    if (!adds) {
      for (T* part : d) std::memset(part, 0, sizeof(T) * lanes);
    } else if (is_half) {
      for (int half = 0; half < 2; ++half) {
        const std::uint32_t* pairs = w.at<std::uint32_t>(list[2 * block + half]);
        for (int l = 0; l < lanes; ++l) {
          unpacked[2 * half][l] = static_cast<T>(half_to_float(static_cast<std::uint16_t>(pairs[l])));
          unpacked[2 * half + 1][l] = static_cast<T>(half_to_float(static_cast<std::uint16_t>(pairs[l] >> 16)));
        }
      }
    }
    multiply_block(a, b + block * 8 * p.k, p.k, d);
    if (!is_half) continue;
    for (int half = 0; half < 2; ++half) {
      std::uint32_t* pairs = w.at<std::uint32_t>(list[2 * block + half]);
      for (int l = 0; l < lanes; ++l)
        pairs[l] = float_to_half(static_cast<float>(unpacked[2 * half][l])) |
                   std::uint32_t{float_to_half(static_cast<float>(unpacked[2 * half + 1][l]))} << 16;
    }
  }
}

}  // namespace halyard::simulator
