#include "cuda_executable.h"

#include <algorithm>
#include <array>

#include "bound_graph.h"

namespace halyard::cuda {
namespace {

/// The adapter's, see src/probe/adapter.ts.
constexpr std::int64_t alignment = 256;
/// A kernel may have so much without asking for more.
constexpr std::uint32_t plain_shared_bytes = 48 << 10;

}  // namespace

Result<std::shared_ptr<Executable>> CudaExecutable::load(DeviceContextPointer context, Program program,
                                                         GeneratedKernels kernels,
                                                         std::shared_ptr<const ProductLibrary> products) {
  auto executable = std::shared_ptr<CudaExecutable>(
      new CudaExecutable(std::move(context), std::move(program), std::move(kernels), std::move(products)));
  const CurrentContext current(*executable->context_);
  if (Failure failure = executable->context_->check("cuCtxPushCurrent", current.status())) return *failure;
  if (Failure failure = executable->load_modules()) return *failure;
  if (Failure failure = executable->find_functions()) return *failure;
  executable->note_reads();
  return std::shared_ptr<Executable>(std::move(executable));
}

CudaExecutable::~CudaExecutable() {
  if (context_->is_hung()) return;
  const CurrentContext current(*context_);
  for (Module module : modules_) context_->functions().module_unload(module);
}

Failure CudaExecutable::load_modules() {
  for (std::string& ptx : kernels_.modules) {
    std::array<char, 8192> log{};
    std::array<JitOption, 2> options{JitOption::error_log, JitOption::error_log_bytes};
    std::array<void*, 2> values{log.data(), reinterpret_cast<void*>(log.size())};
    Module module = nullptr;
    const Status status = context_->functions().module_load(&module, ptx.c_str(), 2, options.data(), values.data());
    log.back() = 0;
    if (status == status::invalid_ptx || status == status::no_binary_for_gpu)
      return Error{"cuda:compilation-failed",
                   describe(context_->driver(), "cuModuleLoadDataEx", status) + ": " + log.data(),
                   "PTX that the driver compiles", "Report this with the step and the output of halyard doctor --json."};
    if (Failure failure = context_->check("cuModuleLoadDataEx", status)) return failure;
    modules_.push_back(module);
    // The driver has its own form of it now.
    ptx = {};
  }
  return std::nullopt;
}

Failure CudaExecutable::find_functions() {
  const DriverFunctions& functions = context_->functions();
  for (const Launch& launch : kernels_.launches) {
    Function function = nullptr;
    if (launch.product) {
      functions_.push_back(function);
      continue;
    }
    const Module module = modules_[static_cast<std::size_t>(launch.module)];
    if (Failure failure = context_->check("cuModuleGetFunction(" + launch.kernel + ")",
                                          functions.module_function(&function, module, launch.kernel.c_str())))
      return failure;
    if (launch.dynamic_shared_bytes > plain_shared_bytes) {
      const Status status = functions.function_set(function, FunctionAttribute::maximum_dynamic_shared_bytes,
                                                   static_cast<int>(launch.dynamic_shared_bytes));
      if (Failure failure = context_->check("cuFuncSetAttribute(" + launch.kernel + ")", status)) return failure;
    }
    functions_.push_back(function);
  }
  return std::nullopt;
}

void CudaExecutable::note_reads() {
  reads_.assign(program_.bindings.size(), false);
  for (const Launch& launch : kernels_.launches)
    for (const KernelArgument& argument : launch.arguments)
      if (argument.kind == KernelArgument::Kind::binding) reads_[static_cast<std::size_t>(argument.integer)] = true;
}

std::int64_t CudaExecutable::scratch_offset() const {
  return (program_.workspace_bytes + alignment - 1) / alignment * alignment;
}

std::shared_ptr<void> CudaExecutable::make_bound_state() const { return std::make_shared<BoundGraph>(context_); }

}  // namespace halyard::cuda
