#pragma once

#include <cstdint>
#include <memory>

#include "step_kernel.h"

namespace halyard::cpu {

class TileProgram;

/// Reads rectangles of an operand as float32: any data type (block formats too), strided views, prologue applied.
/// `batch`, `row` and `column` are as in Epilogue, over the operand's own shape.
class OperandReader {
 public:
  /// Refuses by `context.refuse`; see `ok`.
  OperandReader(const CompileContext& context, const Operand& operand);
  ~OperandReader();

  bool ok() const { return program_ != nullptr; }
  /// Whether the memory can be read in place: plain float32, no prologue, stride 1 along columns.
  bool is_direct() const { return direct_; }
  const float* direct(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column,
                      std::int64_t& row_stride) const;
  /// Writes `rows` × `columns` floats to `to`, rows `row_stride` floats apart. Safe to call from many threads at once.
  void read(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column, int rows, int columns,
            float* to, std::int64_t row_stride) const;

 private:
  std::unique_ptr<TileProgram> program_;
  bool direct_ = false;
};

}  // namespace halyard::cpu
