#include "attention_block.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "split.h"

namespace halyard::cpu {
namespace {

/// Up to so many rows dot products with keys in place beat a transposition of the keys.
constexpr std::int64_t few_rows = 8;

constexpr float nothing = -std::numeric_limits<float>::infinity();

std::int64_t element_bytes(FloatForm form) {
  return form == FloatForm::float32 ? 4 : 2;
}

const std::byte* at(const KeyRows& rows, std::int64_t row, std::int64_t element) {
  return static_cast<const std::byte*>(rows.data) + (row * rows.stride + element) * element_bytes(rows.form);
}

}  // namespace

std::int64_t AttentionBlock::panel_floats() const {
  return std::max<std::int64_t>(keys_, products_.columns) *
         std::max<std::int64_t>(round_up(d_, products_.columns), round_up(dv_, products_.columns));
}

void AttentionBlock::begin(const AttentionRows& rows) const {
  std::fill_n(rows.outputs, rows.count * dv_, 0.0f);
  std::fill_n(rows.maxima, rows.count, nothing);
  std::fill_n(rows.sums, rows.count, 0.0f);
}

void AttentionBlock::score(const AttentionRows& rows, const KeyRows& keys, std::int64_t count, float* scores,
                           float* panels) const {
  if (rows.count <= few_rows) {
    products_.multiply_transposed(keys.form, static_cast<std::int32_t>(rows.count), count, d_, rows.queries, d_,
                                  keys.data, keys.stride, scores, keys_);
    return;
  }
  const std::int64_t parts = divide_up(rows.count, products_.rows);
  for (std::int64_t key = 0; key < count; key += products_.columns) {
    const auto width = static_cast<std::int32_t>(std::min<std::int64_t>(products_.columns, count - key));
    products_.pack_transposed(keys.form, d_, width, at(keys, key, 0), keys.stride, panels);
    for (std::int64_t part = 0; part < parts; part++) {
      const std::int64_t first = rows.count * part / parts;
      const std::int64_t last = rows.count * (part + 1) / parts;
      products_.multiply(FloatForm::float32, static_cast<std::int32_t>(last - first), width, d_,
                         rows.queries + first * d_, d_, panels, products_.columns,
                         scores + first * keys_ + key, keys_, false);
    }
  }
}

void AttentionBlock::accumulate(const AttentionRows& rows, const KeyRows& values, std::int64_t count, float* scores,
                                float* panels) const {
  for (std::int64_t row = 0; row < rows.count; row++) {
    const float factor = kernels_.soften(scores + row * keys_, count, rows.maxima + row, rows.sums + row);
    if (factor != 1.0f) kernels_.scale(rows.outputs + row * dv_, dv_, factor);
  }
  const std::int64_t parts = divide_up(rows.count, products_.rows);
  for (std::int64_t column = 0; column < dv_; column += products_.columns) {
    const auto width = static_cast<std::int32_t>(std::min<std::int64_t>(products_.columns, dv_ - column));
    const void* from = at(values, 0, column);
    std::int64_t stride = values.stride;
    FloatForm form = values.form;
    // Values that many rows read are widened once; a last, narrow panel always is.
    if (width < products_.columns || (form != FloatForm::float32 && parts > 1)) {
      products_.pack(form, count, width, from, stride, panels);
      from = panels;
      stride = products_.columns;
      form = FloatForm::float32;
    }
    for (std::int64_t part = 0; part < parts; part++) {
      const std::int64_t first = rows.count * part / parts;
      const std::int64_t last = rows.count * (part + 1) / parts;
      products_.multiply(form, static_cast<std::int32_t>(last - first), width, count, scores + first * keys_,
                         keys_, from, stride, rows.outputs + first * dv_ + column, dv_, true);
    }
  }
}

void AttentionBlock::merge(const AttentionRows& rows, const AttentionRows& other) const {
  for (std::int64_t row = 0; row < rows.count; row++) {
    if (other.sums[row] == 0.0f) continue;
    const float greatest = std::max(rows.maxima[row], other.maxima[row]);
    const float mine = rows.sums[row] == 0.0f ? 0.0f : std::exp(rows.maxima[row] - greatest);
    const float theirs = std::exp(other.maxima[row] - greatest);
    kernels_.scale(rows.outputs + row * dv_, dv_, mine);
    kernels_.add_scaled(rows.outputs + row * dv_, other.outputs + row * dv_, dv_, theirs);
    rows.sums[row] = rows.sums[row] * mine + other.sums[row] * theirs;
    rows.maxima[row] = greatest;
  }
}

void AttentionBlock::finish(const AttentionRows& rows, float* log_sums) const {
  for (std::int64_t row = 0; row < rows.count; row++) {
    const float sum = rows.sums[row];
    if (sum != 0.0f) kernels_.scale(rows.outputs + row * dv_, dv_, 1.0f / sum);
    if (log_sums != nullptr) log_sums[row] = sum == 0.0f ? nothing : rows.maxima[row] + std::log(sum);
  }
}

}  // namespace halyard::cpu
