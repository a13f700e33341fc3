#pragma once

#include <cstdint>
#include <memory>

#include "../execution/operand_reader.h"
#include "../kernels/matmul.h"

namespace halyard::cpu {

/// A stretch of keys or values: rows of elements in memory.
struct KeyRows {
  FloatForm form;
  const void* data;
  /// Elements between rows.
  std::int64_t stride;
};

/// Reaches the rows of the key or value operand [batch or page, key head, key, element].
class KeyOperand {
 public:
  KeyOperand(const CompileContext& context, const Operand& operand);

  bool ok() const { return in_place_ || reader_.ok(); }
  /// Floats of buffer that `rows` needs for `count` rows.
  std::int64_t buffer_floats(std::int64_t count) const { return in_place_ ? 0 : count * width_; }
  /// Rows [key, key + count) of matrix `page`, `head`; in `buffer` where they cannot be read in place.
  KeyRows rows(const Frame& frame, std::int64_t page, std::int64_t head, std::int64_t key, std::int64_t count,
               float* buffer) const;

 private:
  const Tensor* tensor_;
  View view_;
  std::int64_t width_;
  OperandReader reader_;
  bool in_place_;
};

/// An optional int32 tensor of one or two dimensions, read element by element.
class IndexOperand {
 public:
  IndexOperand(const CompileContext& context, const Step& step, std::size_t input);

  explicit operator bool() const { return tensor_ != nullptr; }
  std::int32_t at(const Frame& frame, std::int64_t row, std::int64_t column = 0) const;

 private:
  const Tensor* tensor_ = nullptr;
  View view_;
};

}  // namespace halyard::cpu
