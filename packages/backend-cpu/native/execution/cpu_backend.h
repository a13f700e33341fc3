#pragma once

#include <memory>
#include <string>

#include "../threads/thread_pool.h"
#include "halyard/backend.h"
#include "step_kernel.h"

namespace halyard::cpu {

/// The CPU as a device.
class CpuBackend : public Backend {
 public:
  CpuBackend(Level level, int threads) : level_(level), pool_(threads) {}

  std::shared_ptr<Region> reserve(std::int64_t bytes, Tier tier) override;
  Result<std::shared_ptr<Region>> map(const std::string& path, std::int64_t offset, std::int64_t bytes) override;
  Result<std::shared_ptr<Executable>> compile(Program program, GeneratedKernels kernels) override;
  std::unique_ptr<Stream> stream(QueueKind kind) override;

 private:
  Level level_;
  ThreadPool pool_;
};

}  // namespace halyard::cpu
