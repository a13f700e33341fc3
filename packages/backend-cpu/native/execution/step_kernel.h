#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../levels/level.h"
#include "../processor/processor.h"
#include "halyard/program.h"

namespace halyard::cpu {

/// The addresses of one run.
struct Frame {
  std::byte* const* bindings;
  std::byte* workspace;
  /// Of the executable; a kernel's own begins at `StepKernel::scratch_offset`.
  std::byte* scratch;
  /// By the index that `PackedRequests::request` gave.
  const std::byte* const* packed;
};

/// Where a tensor lies in this run.
inline std::byte* address(const Frame& frame, const Tensor& tensor) {
  std::byte* base = tensor.binding >= 0 ? frame.bindings[tensor.binding] : frame.workspace;
  return base + tensor.offset;
}

/// What a kernel tells about itself; becomes the contract's KernelChoice.
struct Description {
  std::string kernel;
  Attributes configuration;
  std::string reason;
};

/// Does one step. Made once by compile, immutable afterwards; run by every thread of the pool.
class StepKernel {
 public:
  virtual ~StepKernel() = default;

  /// Stages run one after another with a barrier between them.
  virtual int stages() const { return 1; }
  /// Called once for every part `thread` in [0, threads), threads ≤ CompileContext::threads; mostly side by side, but one
  /// thread may do several parts in turn. Splits the work statically.
  virtual void run(const Frame& frame, int stage, int thread, int threads) const = 0;
  /// Bytes of scratch that the step needs for all threads together; aligned to 64.
  virtual std::size_t scratch_bytes(int threads) const {
    (void)threads;
    return 0;
  }
  virtual Description describe() const = 0;

  void set_scratch_offset(std::size_t offset) { scratch_offset_ = offset; }

 protected:
  std::byte* scratch(const Frame& frame) const { return frame.scratch + scratch_offset_; }

 private:
  std::size_t scratch_offset_ = 0;
};

/// Constants that kernels want in a layout of their own; becomes the contract's Packed. Equal requests share an index.
class PackedRequests {
 public:
  struct Request {
    std::vector<std::int32_t> bindings;
    std::string layout;
    std::size_t bytes;
  };

  /// `bindings` are indices of constant bindings, `layout` a name that `packing/layouts.h` knows (with its parameters).
  int request(std::vector<std::int32_t> bindings, std::string layout, std::size_t bytes) {
    touched_.insert(touched_.end(), bindings.begin(), bindings.end());
    for (std::size_t index = 0; index < requests_.size(); index++) {
      const Request& known = requests_[index];
      if (known.layout == layout && known.bindings == bindings && known.bytes == bytes) return static_cast<int>(index);
    }
    requests_.push_back({std::move(bindings), std::move(layout), bytes});
    return static_cast<int>(requests_.size()) - 1;
  }
  const std::vector<Request>& all() const { return requests_; }
  /// Bindings that were asked for since the last call.
  std::vector<std::int32_t> take_touched() { return std::exchange(touched_, {}); }

 private:
  std::vector<Request> requests_;
  std::vector<std::int32_t> touched_;
};

/// What a factory may look at. A factory that cannot do a step calls `refuse` and returns nothing.
struct CompileContext {
  const Program& program;
  /// Threads of the pool; a run uses as many or fewer.
  int threads;
  Level level;
  const Processor& processor;
  PackedRequests& packed;
  /// The tuning table's entry for the step that is being compiled.
  const Attributes& configuration;
  std::string& refusal;

  std::nullptr_t refuse(std::string reason) const {
    refusal = std::move(reason);
    return nullptr;
  }
};

/// Of `count` items the part [begin, end) of one thread, in multiples of `unit`.
struct Range {
  std::int64_t begin;
  std::int64_t end;
};

inline Range split(std::int64_t count, int thread, int threads, std::int64_t unit = 1) {
  std::int64_t units = (count + unit - 1) / unit;
  std::int64_t each = units / threads;
  std::int64_t extra = units % threads;
  std::int64_t first = each * thread + (thread < extra ? thread : extra);
  std::int64_t last = first + each + (thread < extra ? 1 : 0);
  return {first * unit < count ? first * unit : count, last * unit < count ? last * unit : count};
}

using Factory = std::unique_ptr<StepKernel> (*)(const CompileContext&, const Step&);

}  // namespace halyard::cpu
