#pragma once

#include <vector>

#include "../products/product_library.h"
#include "device_context.h"
#include "halyard/backend.h"

namespace halyard::cuda {

/// A program as loaded modules and the launches of a run.
class CudaExecutable : public Executable {
 public:
  /// Loads the modules' PTX. Fails with `cuda:compilation-failed` and the driver's words, or as `to_error` says.
  ///
  /// @param products null where no launch is a product of the library's
  static Result<std::shared_ptr<Executable>> load(DeviceContextPointer context, Program program,
                                                  GeneratedKernels kernels,
                                                  std::shared_ptr<const ProductLibrary> products);
  ~CudaExecutable() override;

  const Program& program() const override { return program_; }
  std::int64_t workspace_bytes() const override { return kernels_.scratch_bytes; }
  std::int64_t scratch_offset() const override;
  const std::vector<Packed>& packed() const override { return kernels_.packed; }
  bool reads_binding(std::int32_t binding) const override { return reads_[static_cast<std::size_t>(binding)]; }
  /// The kernels are chosen where they are generated.
  std::vector<KernelChoice> explain() const override { return {}; }
  std::shared_ptr<void> make_bound_state() const override;

  const std::vector<Launch>& launches() const { return kernels_.launches; }
  /// Null of a product.
  Function function(std::size_t launch) const { return functions_[launch]; }
  const std::shared_ptr<const ProductLibrary>& products() const { return products_; }
  const DeviceContextPointer& context() const { return context_; }

 private:
  CudaExecutable(DeviceContextPointer context, Program program, GeneratedKernels kernels,
                 std::shared_ptr<const ProductLibrary> products)
      : context_(std::move(context)),
        program_(std::move(program)),
        kernels_(std::move(kernels)),
        products_(std::move(products)) {}

  Failure load_modules();
  Failure find_functions();
  void note_reads();

  DeviceContextPointer context_;
  Program program_;
  GeneratedKernels kernels_;
  std::shared_ptr<const ProductLibrary> products_;
  std::vector<Module> modules_;
  /// One for each launch.
  std::vector<Function> functions_;
  std::vector<bool> reads_;
};

}  // namespace halyard::cuda
