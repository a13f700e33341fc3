#pragma once

#include <cstdint>
#include <memory>

#include "step_kernel.h"

namespace halyard::cpu {

class TileProgram;

/// Applies a step's epilogue (or none) to a rectangle of float32 results in cache and stores what comes out to the
/// step's targets: any data type, strided views, rows named at run time.
///
/// The results have the shape of the step's outputs: `batch` counts the dimensions before the last two (row-major),
/// `row` and `column` are indices of the last two. Shapes of rank 1 are one row, of rank 0 one element.
class Epilogue {
 public:
  /// `results`: how many results the step has (a matmul: one for each b). Refuses by `context.refuse`; see `ok`.
  Epilogue(const CompileContext& context, const Step& step, int results);
  ~Epilogue();

  bool ok() const { return program_ != nullptr; }
  /// Whether results can be stored straight: one plain float32 target, no epilogue, no rows, stride 1 along columns.
  bool is_direct() const { return direct_; }
  /// Where result (batch, row, column) goes if `is_direct`; the next row lies `row_stride` floats further.
  float* direct(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column,
                std::int64_t& row_stride) const;
  /// `results[i]` points to the first float of result i's rectangle; rows lie `row_stride` floats apart. Any size;
  /// `store` cuts it into tiles. Safe to call from many threads at once.
  void store(const Frame& frame, std::int64_t batch, std::int64_t row, std::int64_t column, int rows, int columns,
             const float* const* results, std::int64_t row_stride) const;

 private:
  std::unique_ptr<TileProgram> program_;
  bool direct_ = false;
};

}  // namespace halyard::cpu
