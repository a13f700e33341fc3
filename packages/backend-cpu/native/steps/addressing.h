#pragma once

#include <memory>

#include "../execution/domain.h"

namespace halyard::cpu {

/// Reads single indices of an int32 or int64 operand: straight from memory, or through its prologue.
class IndexReader {
 public:
  static std::unique_ptr<IndexReader> make(const CompileContext& context, const Operand& operand);
  std::int64_t at(const Frame& frame, const Index& index) const;

 private:
  Access access_;
  const Program* program_ = nullptr;
  const ExpressionKernels* kernels_ = nullptr;
  /// Null where memory is read straight.
  std::unique_ptr<TileProgram> reader_;
};

/// How gather and scatter find, for an element of the shape that the indices give, the element of the tensor that is
/// gathered from or scattered to.
class Addressing {
 public:
  enum class Form { rows, elements, nd };

  /// `shape`: of the tensor; `indices`: of the indices. Null after `context.refuse`.
  static std::unique_ptr<Addressing> make(const CompileContext& context, const Step& step, const Extents& shape,
                                          const Operand& indices);

  /// The shape that the indices give.
  const Extents& gathered() const { return gathered_; }
  /// Whether neighbours along the last axis are neighbours along the tensor's last axis, too, under one index.
  bool runs() const { return runs_; }
  /// Where element `at` of the gathered shape lies in the tensor; false if it is out of range and not to be clamped.
  bool locate(const Frame& frame, const Index& at, bool clamp, Index& place) const;

 private:
  bool resolve(std::int64_t index, std::size_t axis, bool clamp, Index& place) const;

  Form form_ = Form::rows;
  std::size_t axis_ = 0;
  /// Of nd indices: how many axes they name.
  std::size_t depth_ = 0;
  Extents shape_;
  Extents indices_shape_;
  Extents gathered_;
  bool runs_ = false;
  std::unique_ptr<IndexReader> indices_;
};

}  // namespace halyard::cpu
