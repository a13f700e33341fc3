#pragma once

#include <memory>
#include <string>

#include "cublaslt_functions.h"
#include "halyard/error.h"

namespace halyard::cuda {

/// NVIDIA's library for products of matrices, loaded at run time from where it was found.
class CublasLt {
 public:
  /// Each file is loaded once; it stays as long as the process. Fails with `cuda:cublaslt-missing` (also if a function
  /// is) or `cuda:cublaslt-too-old`.
  static Result<std::shared_ptr<const CublasLt>> load(const std::string& path);

  const CublasLtFunctions& functions() const { return functions_; }
  int major_version() const { return major_; }
  /// `12.9.1`
  std::string version_text() const;
  /// `cublasLtMatmul failed: an unsupported value or parameter was passed (7)`
  std::string describe(const char* call, BlasStatus status) const;

 private:
  static Result<std::shared_ptr<const CublasLt>> open(const std::string& path);

  CublasLtFunctions functions_;
  int major_ = 0;
  int minor_ = 0;
  int patch_ = 0;
};

}  // namespace halyard::cuda
