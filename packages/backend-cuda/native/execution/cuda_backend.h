#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "../memory/staging.h"
#include "../products/product_library.h"
#include "device_context.h"
#include "halyard/backend.h"

namespace halyard::cuda {

/// How memory of the device is taken; the best that it can do unless told.
enum class MemoryKind : std::uint8_t { mapped, ordered, plain };

/// One GPU as a device.
class CudaBackend : public Backend {
 public:
  /// @param product_library the file of cuBLASLt; empty where there is none
  CudaBackend(DeviceContextPointer context, MemoryKind kind, std::int64_t granularity, std::string product_library);
  /// The kind that was asked for, or the best there is. Fails with `unsupported`.
  static Result<MemoryKind> choose_memory(const DeviceContext& context, const std::string& wanted);

  std::shared_ptr<Region> reserve(std::int64_t bytes, Tier tier) override;
  /// Kernels do not read pages of a file here: null.
  Result<std::shared_ptr<Region>> map(const std::string& path, std::int64_t offset, std::int64_t bytes) override;
  Result<std::shared_ptr<Executable>> compile(Program program, GeneratedKernels kernels) override;
  std::unique_ptr<Stream> stream(QueueKind kind) override;
  Failure lost() const override { return context_->lost(); }
  /// The vendor's library, loaded when it is first asked for. Fails with `cuda:cublaslt-missing` or as it does itself.
  Result<std::shared_ptr<const ProductLibrary>> products();

 private:
  DeviceContextPointer context_;
  std::shared_ptr<Staging> staging_;
  MemoryKind kind_;
  std::int64_t granularity_;
  std::string product_library_;
  std::mutex mutex_;
  std::shared_ptr<const ProductLibrary> products_;
};

}  // namespace halyard::cuda
