#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "../execution/epilogue.h"
#include "matmul_shape.h"

namespace halyard::cpu {

/// Where the results of a product go: rows may run over several batches of the step's outputs.
class MatmulSink {
 public:
  static constexpr int most_results = 16;

  MatmulSink(const Epilogue& epilogue, const Frame& frame, const MatmulShape& shape, std::int64_t first_batch)
      : epilogue_(epilogue), frame_(frame), shape_(shape), batch_(first_batch) {}

  /// Only if the epilogue is direct and rows are even over batches.
  float* direct(std::int64_t row, std::int64_t column, std::int64_t& stride) const {
    const std::int64_t batch = shape_.shared_right ? row / shape_.m : batch_;
    float* first = epilogue_.direct(frame_, batch, shape_.shared_right ? row % shape_.m : row, column, stride);
    if (shape_.shared_right && shape_.m == 1 && shape_.batch > 1) {
      std::int64_t unused;
      stride = epilogue_.direct(frame_, 1, 0, 0, unused) - epilogue_.direct(frame_, 0, 0, 0, unused);
    }
    return first;
  }

  void store(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns, const float* results,
             std::int64_t apart, std::int64_t stride) const {
    std::array<const float*, most_results> pointers;
    while (rows > 0) {
      const std::int64_t batch = shape_.shared_right ? row / shape_.m : batch_;
      const std::int64_t first = shape_.shared_right ? row % shape_.m : row;
      const std::int64_t count = std::min(rows, shape_.m - first);
      for (int i = 0; i < shape_.results; i++) pointers[static_cast<std::size_t>(i)] = results + i * apart;
      epilogue_.store(frame_, batch, first, column, static_cast<int>(count), static_cast<int>(columns), pointers.data(),
                      stride);
      row += count;
      rows -= count;
      results += count * stride;
    }
  }

 private:
  const Epilogue& epilogue_;
  const Frame& frame_;
  const MatmulShape& shape_;
  std::int64_t batch_;
};

}  // namespace halyard::cpu
