#pragma once

#include <memory>
#include <vector>

#include "../threads/thread_pool.h"
#include "halyard/backend.h"
#include "step_kernel.h"

namespace halyard::cpu {

/// A program as kernels in phases: what is in one phase may run side by side, a phase begins when the one before is done.
class CpuExecutable : public Executable {
 public:
  /// Fails with `unsupported` for a step that no kernel takes.
  static Result<std::shared_ptr<Executable>> compile(Program program, Level level, int threads);

  const Program& program() const override { return program_; }
  std::int64_t workspace_bytes() const override { return static_cast<std::int64_t>(scratch_bytes_); }
  std::int64_t scratch_offset() const override { return scratch_offset_; }
  const std::vector<Packed>& packed() const override { return packed_; }
  bool reads_binding(std::int32_t binding) const override { return reads_[static_cast<std::size_t>(binding)]; }
  std::vector<KernelChoice> explain() const override;

  void run(ThreadPool& pool, const BindingTable& table) const;

 private:
  struct Item {
    const StepKernel* kernel;
    int stage;
  };

  Failure make_kernels(Level level);
  bool is_small() const;
  void arrange();
  void note_reads(const Step& step, const std::vector<std::int32_t>& packed);

  Program program_;
  int threads_ = 1;
  std::vector<std::unique_ptr<StepKernel>> kernels_;
  std::vector<std::vector<Item>> phases_;
  std::vector<Packed> packed_;
  std::vector<bool> reads_;
  std::size_t scratch_bytes_ = 0;
  std::int64_t scratch_offset_ = 0;
  /// Too little work for waking anybody.
  bool alone_ = false;
};

}  // namespace halyard::cpu
