#pragma once

#include <memory>
#include <vector>

#include "lines.h"

namespace halyard::cpu {

/// Reads lines into scratch memory, a group at a time, has them worked on there, and writes what came out: scans, sorts
/// and normalizations. A group is one thread's.
class LineKernel : public StepKernel {
 public:
  void run(const Frame& frame, int stage, int thread, int threads) const override;
  std::size_t scratch_bytes(int threads) const override;

 protected:
  explicit LineKernel(Lines lines) : lines_(std::move(lines)) {}

  /// Lines are read as `type`, and written from results of `result_types`, as far as the step's outputs go. A single
  /// result of the same type takes the place of what was read.
  bool prepare(const CompileContext& context, const Step& step, Type type, std::vector<Type> result_types);

  /// Works on `width` lines, which lie as `Lines::read` puts them; results have the same form. A buffer has room for a
  /// vector more than its elements. `extra` are `extra_bytes()`.
  virtual void work(std::byte* read, std::byte* const* results, std::byte* extra, std::int64_t width) const = 0;
  virtual std::size_t extra_bytes() const { return 0; }
  /// Places of each line that there are results for.
  virtual std::int64_t result_places() const { return lines_.length(); }

  const Lines& lines() const { return lines_; }
  Type type() const { return type_; }
  Type result_type(std::size_t result) const { return result_types_[result]; }

 private:
  bool in_place() const { return result_types_.size() == 1 && result_types_[0] == type_; }
  std::size_t buffer_bytes(Type type) const;
  std::size_t thread_bytes() const;

  Lines lines_;
  Type type_ = Type::float32;
  std::vector<Type> result_types_;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
};

}  // namespace halyard::cpu
