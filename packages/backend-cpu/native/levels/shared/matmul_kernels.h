#pragma once

// Included by levels/*/matmul.cpp after the level's floats.h. Everything lies in the unnamed namespace, so that code
// for one instruction set is never shared with another by the linker.

#include <stdint.h>
#include <string.h>

#include "../../kernels/matmul.h"

namespace halyard::cpu {
namespace {

using Vector = Floats::Vector;

constexpr int kWidth = Floats::width;
constexpr int kColumns = Floats::panel_vectors * kWidth;
/// Vectors of float32 in a cache line.
constexpr int kLineVectors = 16 / kWidth;
/// Bytes that B is asked for ahead of its use, in a panel or along a row: the hardware notices too late that a panel
/// has ended, and does not follow many rows at once.
constexpr int kAhead = 1024;
/// Rows that are asked for ahead when a panel is packed.
constexpr int kRowsAhead = 16;

/// An element of B as it lies in memory.
template <FloatForm form>
struct Element {
  uint16_t bits;
};
template <>
struct Element<FloatForm::float32> {
  float value;
};

template <FloatForm form>
HALYARD_INLINE Vector load_elements(const Element<form>* from) {
  if constexpr (form == FloatForm::float32) return Floats::load(&from->value);
  if constexpr (form == FloatForm::float16) return Floats::load_half(&from->bits);
  if constexpr (form == FloatForm::bfloat16) return Floats::load_brain(&from->bits);
}

template <FloatForm form>
HALYARD_INLINE float widen(const Element<form>& from) {
  if constexpr (form == FloatForm::float32) return from.value;
  if constexpr (form == FloatForm::float16) return Floats::widen_half(from.bits);
  if constexpr (form == FloatForm::bfloat16) {
    const uint32_t bits = static_cast<uint32_t>(from.bits) << 16;
    float result;
    memcpy(&result, &bits, 4);
    return result;
  }
}

/// The tile: `rows` × `vectors` sums stay in registers over all of k.
template <FloatForm form, int rows, int vectors, int group>
HALYARD_INLINE void tile(int64_t k, const float* a, int64_t a_stride, const Element<form>* b, int64_t b_stride,
                         int64_t apart, float* c, int64_t c_stride, bool accumulate) {
  Vector sum[rows][vectors];
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) sum[i][j] = Floats::zero();
  }
  constexpr int64_t ahead = kAhead / static_cast<int64_t>(sizeof(*b));
  for (int64_t step = 0; step < k; step++) {
    Vector right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j += kLineVectors) {
      Floats::prefetch(b + j / group * apart + j % group * kWidth + ahead);
    }
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) right[j] = load_elements<form>(b + j / group * apart + j % group * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const Vector left = Floats::broadcast(a[i * a_stride + step]);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; j++) sum[i][j] = Floats::fma(left, right[j], sum[i][j]);
    }
    b += b_stride;
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; j++) {
      float* to = c + i * c_stride + j * kWidth;
      Floats::store(to, accumulate ? Floats::add(Floats::load(to), sum[i][j]) : sum[i][j]);
    }
  }
}

template <FloatForm form, int rows>
void multiply_rows(int64_t k, const float* a, int64_t a_stride, const void* b, int64_t b_stride, float* c,
                   int64_t c_stride, bool accumulate) {
  tile<form, rows, Floats::panel_vectors, Floats::panel_vectors>(k, a, a_stride, static_cast<const Element<form>*>(b),
                                                                 b_stride, 0, c, c_stride, accumulate);
}

using MultiplyRows = void (*)(int64_t, const float*, int64_t, const void*, int64_t, float*, int64_t, bool);

template <FloatForm form, int... index>
struct MultiplyTable {
  static constexpr MultiplyRows of[] = {multiply_rows<form, index + 1>...};
};

template <FloatForm form, int count, int... index>
struct MakeTable : MakeTable<form, count - 1, count - 1, index...> {};
template <FloatForm form, int... index>
struct MakeTable<form, 0, index...> : MultiplyTable<form, index...> {};

/// What is narrower than a panel is widened on the way: one panel at most, so the copies cost little.
template <FloatForm form>
void multiply_narrow(int32_t rows, int32_t count, int64_t k, const float* a, int64_t a_stride, const void* b,
                     int64_t b_stride, float* c, int64_t c_stride, bool accumulate) {
  constexpr int64_t piece = 64;
  alignas(64) float panel[piece * kColumns];
  alignas(64) float result[Floats::tile_rows * kColumns];
  const auto* from = static_cast<const Element<form>*>(b);
  if (k == 0) memset(result, 0, sizeof(result));
  for (int64_t first = 0; first < k; first += piece) {
    const int64_t length = k - first < piece ? k - first : piece;
    for (int64_t step = 0; step < length; step++) {
      for (int j = 0; j < kColumns; j++) {
        panel[step * kColumns + j] = j < count ? widen<form>(from[(first + step) * b_stride + j]) : 0.0f;
      }
    }
    MakeTable<FloatForm::float32, Floats::tile_rows>::of[rows - 1](length, a + first, a_stride, panel, kColumns, result,
                                                                   kColumns, first != 0);
  }
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < count; j++) {
      float* to = c + i * c_stride + j;
      *to = accumulate ? *to + result[i * kColumns + j] : result[i * kColumns + j];
    }
  }
}

template <FloatForm form>
void multiply_form(int32_t rows, int32_t count, int64_t k, const float* a, int64_t a_stride, const void* b,
                   int64_t b_stride, float* c, int64_t c_stride, bool accumulate) {
  if (count == kColumns) {
    return MakeTable<form, Floats::tile_rows>::of[rows - 1](k, a, a_stride, b, b_stride, c, c_stride, accumulate);
  }
  if (b_stride != kColumns) {
    return multiply_narrow<form>(rows, count, k, a, a_stride, b, b_stride, c, c_stride, accumulate);
  }
  alignas(64) float result[Floats::tile_rows * kColumns];
  MakeTable<form, Floats::tile_rows>::of[rows - 1](k, a, a_stride, b, b_stride, result, kColumns, false);
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < count; j++) {
      float* to = c + i * c_stride + j;
      *to = accumulate ? *to + result[i * kColumns + j] : result[i * kColumns + j];
    }
  }
}

void multiply(FloatForm form, int32_t rows, int32_t count, int64_t k, const float* a, int64_t a_stride, const void* b,
              int64_t b_stride, float* c, int64_t c_stride, bool accumulate) {
  switch (form) {
    case FloatForm::float32:
      return multiply_form<FloatForm::float32>(rows, count, k, a, a_stride, b, b_stride, c, c_stride, accumulate);
    case FloatForm::float16:
      return multiply_form<FloatForm::float16>(rows, count, k, a, a_stride, b, b_stride, c, c_stride, accumulate);
    case FloatForm::bfloat16:
      return multiply_form<FloatForm::bfloat16>(rows, count, k, a, a_stride, b, b_stride, c, c_stride, accumulate);
  }
}

// Few rows.

template <FloatForm form>
void multiply_wide_form(int32_t rows, int64_t k, const float* a, int64_t a_stride, const void* b, int64_t b_stride,
                        int64_t apart, float* c, int64_t c_stride, bool accumulate) {
  const auto* from = static_cast<const Element<form>*>(b);
  constexpr int vectors = Floats::wide_vectors;
  constexpr int group = Floats::panel_vectors;
  switch (rows) {
    case 1:
      return tile<form, 1, vectors, group>(k, a, a_stride, from, b_stride, apart, c, c_stride, accumulate);
    case 2:
      return tile<form, 2, vectors, group>(k, a, a_stride, from, b_stride, apart, c, c_stride, accumulate);
    default:
      if constexpr (Floats::wide_rows > 2) {
        tile<form, 3, vectors, group>(k, a, a_stride, from, b_stride, apart, c, c_stride, accumulate);
      }
  }
}

void multiply_wide(FloatForm form, int32_t rows, int64_t k, const float* a, int64_t a_stride, const void* b,
                   int64_t b_stride, int64_t apart, float* c, int64_t c_stride, bool accumulate) {
  switch (form) {
    case FloatForm::float32:
      return multiply_wide_form<FloatForm::float32>(rows, k, a, a_stride, b, b_stride, apart, c, c_stride, accumulate);
    case FloatForm::float16:
      return multiply_wide_form<FloatForm::float16>(rows, k, a, a_stride, b, b_stride, apart, c, c_stride, accumulate);
    case FloatForm::bfloat16:
      return multiply_wide_form<FloatForm::bfloat16>(rows, k, a, a_stride, b, b_stride, apart, c, c_stride, accumulate);
  }
}

// One row, B in place.

/// C += Σ a[i] · B's row i, for `taken` rows: four streams at most, each read along.
template <FloatForm form, int taken>
HALYARD_INLINE void add_rows(const float* a, const Element<form>* b, int64_t b_stride, int64_t count, float* c,
                             bool accumulate) {
  Vector left[taken];
  for (int i = 0; i < taken; i++) left[i] = Floats::broadcast(a[i]);
  int64_t j = 0;
  for (; j + kWidth <= count; j += kWidth) {
    Vector sum = accumulate ? Floats::load(c + j) : Floats::zero();
#pragma GCC unroll 4
    for (int i = 0; i < taken; i++) sum = Floats::fma(left[i], load_elements<form>(b + i * b_stride + j), sum);
    Floats::store(c + j, sum);
  }
  for (; j < count; j++) {
    float sum = accumulate ? c[j] : 0.0f;
    for (int i = 0; i < taken; i++) sum += a[i] * widen<form>(b[i * b_stride + j]);
    c[j] = sum;
  }
}

template <FloatForm form>
void multiply_row_form(int64_t count, int64_t k, const float* a, const void* b, int64_t b_stride, float* c) {
  const auto* from = static_cast<const Element<form>*>(b);
  int64_t step = 0;
  for (; step + 4 <= k; step += 4) add_rows<form, 4>(a + step, from + step * b_stride, b_stride, count, c, step != 0);
  for (; step < k; step++) add_rows<form, 1>(a + step, from + step * b_stride, b_stride, count, c, step != 0);
  for (int64_t j = 0; k == 0 && j < count; j++) c[j] = 0.0f;
}

void multiply_row(FloatForm form, int64_t count, int64_t k, const float* a, const void* b, int64_t b_stride, float* c) {
  switch (form) {
    case FloatForm::float32:
      return multiply_row_form<FloatForm::float32>(count, k, a, b, b_stride, c);
    case FloatForm::float16:
      return multiply_row_form<FloatForm::float16>(count, k, a, b, b_stride, c);
    case FloatForm::bfloat16:
      return multiply_row_form<FloatForm::bfloat16>(count, k, a, b, b_stride, c);
  }
}

// B transposed, read in place.

/// `rows` × 4 dot products; the last k % width elements are added one by one.
template <FloatForm form, int rows, int columns>
HALYARD_INLINE void dots(int64_t k, const float* a, int64_t a_stride, const Element<form>* b, int64_t b_stride,
                         float* c, int64_t c_stride) {
  Vector sum[rows][columns];
#pragma GCC unroll 4
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++) sum[i][j] = Floats::zero();
  }
  int64_t step = 0;
  for (; step + kWidth <= k; step += kWidth) {
    Vector right[columns];
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++) right[j] = load_elements<form>(b + j * b_stride + step);
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++) {
      const Vector left = Floats::load(a + i * a_stride + step);
#pragma GCC unroll 4
      for (int j = 0; j < columns; j++) sum[i][j] = Floats::fma(left, right[j], sum[i][j]);
    }
  }
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) {
      float total = Floats::sum(sum[i][j]);
      for (int64_t rest = step; rest < k; rest++) total += a[i * a_stride + rest] * widen<form>(b[j * b_stride + rest]);
      c[i * c_stride + j] = total;
    }
  }
}

template <FloatForm form, int rows>
void dot_rows(int64_t count, int64_t k, const float* a, int64_t a_stride, const Element<form>* b, int64_t b_stride,
              float* c, int64_t c_stride) {
  int64_t column = 0;
  for (; column + 4 <= count; column += 4) {
    dots<form, rows, 4>(k, a, a_stride, b + column * b_stride, b_stride, c + column, c_stride);
  }
  for (; column < count; column++) {
    dots<form, rows, 1>(k, a, a_stride, b + column * b_stride, b_stride, c + column, c_stride);
  }
}

template <FloatForm form>
void multiply_transposed_form(int32_t rows, int64_t count, int64_t k, const float* a, int64_t a_stride, const void* b,
                              int64_t b_stride, float* c, int64_t c_stride) {
  const auto* from = static_cast<const Element<form>*>(b);
  while (rows > 0) {
    const int taken = rows >= 3 ? 3 : rows;
    if (taken == 3) dot_rows<form, 3>(count, k, a, a_stride, from, b_stride, c, c_stride);
    if (taken == 2) dot_rows<form, 2>(count, k, a, a_stride, from, b_stride, c, c_stride);
    if (taken == 1) dot_rows<form, 1>(count, k, a, a_stride, from, b_stride, c, c_stride);
    rows -= taken;
    a += taken * a_stride;
    c += taken * c_stride;
  }
}

void multiply_transposed(FloatForm form, int32_t rows, int64_t count, int64_t k, const float* a, int64_t a_stride,
                         const void* b, int64_t b_stride, float* c, int64_t c_stride) {
  switch (form) {
    case FloatForm::float32:
      return multiply_transposed_form<FloatForm::float32>(rows, count, k, a, a_stride, b, b_stride, c, c_stride);
    case FloatForm::float16:
      return multiply_transposed_form<FloatForm::float16>(rows, count, k, a, a_stride, b, b_stride, c, c_stride);
    case FloatForm::bfloat16:
      return multiply_transposed_form<FloatForm::bfloat16>(rows, count, k, a, a_stride, b, b_stride, c, c_stride);
  }
}

// Packing: panels [k][kColumns], one after another.

/// One row's `count` elements, a panel wide at most; what is missing becomes 0.
template <FloatForm form>
HALYARD_INLINE void pack_row(const Element<form>* from, int64_t count, float* to) {
  if (count >= kColumns) {
#pragma GCC unroll 8
    for (int j = 0; j < kColumns; j += kWidth) Floats::store(to + j, load_elements<form>(from + j));
    return;
  }
  int64_t j = 0;
  for (; j < count; j++) to[j] = widen<form>(from[j]);
  for (; j < kColumns; j++) to[j] = 0.0f;
}

template <FloatForm form>
void pack_form(int64_t k, int64_t count, const void* b, int64_t stride, float* panels) {
  const auto* from = static_cast<const Element<form>*>(b);
  for (int64_t step = 0; step < k; step++, from += stride) {
    for (int64_t column = 0; column < count; column += kColumns) {
      Floats::prefetch(from + kRowsAhead * stride + column);
      pack_row<form>(from + column, count - column, panels + column * k + step * kColumns);
    }
  }
}

void pack(FloatForm form, int64_t k, int64_t count, const void* b, int64_t stride, float* panel) {
  switch (form) {
    case FloatForm::float32:
      return pack_form<FloatForm::float32>(k, count, b, stride, panel);
    case FloatForm::float16:
      return pack_form<FloatForm::float16>(k, count, b, stride, panel);
    case FloatForm::bfloat16:
      return pack_form<FloatForm::bfloat16>(k, count, b, stride, panel);
  }
}

template <FloatForm form>
void pack_transposed_panel(int64_t k, int64_t count, const void* b, int64_t stride, float* panel) {
  const auto* from = static_cast<const Element<form>*>(b);
  int j = 0;
  for (; j + kWidth <= count; j += kWidth) {
    int64_t step = 0;
    for (; step + kWidth <= k; step += kWidth) {
      Vector block[kWidth];
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; i++) block[i] = load_elements<form>(from + (j + i) * stride + step);
      Floats::transpose(block);
#pragma GCC unroll 16
      for (int i = 0; i < kWidth; i++) Floats::store(panel + (step + i) * kColumns + j, block[i]);
    }
    for (; step < k; step++) {
      for (int i = 0; i < kWidth; i++) panel[step * kColumns + j + i] = widen<form>(from[(j + i) * stride + step]);
    }
  }
  for (; j < kColumns; j++) {
    for (int64_t step = 0; step < k; step++) {
      panel[step * kColumns + j] = j < count ? widen<form>(from[j * stride + step]) : 0.0f;
    }
  }
}

template <FloatForm form>
void pack_transposed_form(int64_t k, int64_t count, const void* b, int64_t stride, float* panels) {
  const auto* from = static_cast<const Element<form>*>(b);
  for (int64_t column = 0; column < count; column += kColumns) {
    const int64_t width = count - column < kColumns ? count - column : kColumns;
    pack_transposed_panel<form>(k, width, from + column * stride, stride, panels + column * k);
  }
}

void pack_transposed(FloatForm form, int64_t k, int64_t count, const void* b, int64_t stride, float* panel) {
  switch (form) {
    case FloatForm::float32:
      return pack_transposed_form<FloatForm::float32>(k, count, b, stride, panel);
    case FloatForm::float16:
      return pack_transposed_form<FloatForm::float16>(k, count, b, stride, panel);
    case FloatForm::bfloat16:
      return pack_transposed_form<FloatForm::bfloat16>(k, count, b, stride, panel);
  }
}

}  // namespace
}  // namespace halyard::cpu

#define HALYARD_MATMUL_KERNELS(name)                                                                    \
  {name,           Floats::tile_rows, kColumns,     Floats::wide_rows,   Floats::wide_vectors * kWidth, \
   multiply,       multiply_wide,     multiply_row, multiply_transposed, pack,                          \
   pack_transposed}
