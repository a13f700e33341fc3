#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../driver/shared_library.h"
#include "halyard/error.h"
#include "nvrtc_functions.h"

namespace halyard::cuda {

/// NVIDIA's run-time compiler, loaded from where it was found.
class Nvrtc {
 public:
  /// A path, or a name for the loader to find. Fails with `cuda:nvrtc-missing`.
  static Result<std::shared_ptr<const Nvrtc>> load(const std::string& path);

  /// 12040 for 12.4, as the driver counts.
  int version() const { return version_; }
  /// 80 for sm_80; ascending.
  const std::vector<int>& architectures() const { return architectures_; }

  /// CUDA C++ to PTX. Fails with `cuda:compilation-failed` and the compiler's words.
  Result<std::string> compile(const std::string& source, const std::string& name,
                              const std::vector<std::string>& options) const;

 private:
  std::string log_of(NvrtcProgram program) const;

  NvrtcFunctions functions_;
  int version_ = 0;
  std::vector<int> architectures_;
};

}  // namespace halyard::cuda
