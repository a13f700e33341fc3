#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../driver/shared_library.h"
#include "halyard/error.h"

namespace halyard::cuda {

/// NVIDIA's run-time compiler, loaded from where it was found. Signatures: NVRTC reference, "nvrtc.h".
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
  using Status = int;
  struct ProgramHandle;
  using Program = ProgramHandle*;

  struct Functions {
    Status (*version)(int*, int*);
    Status (*architecture_count)(int*);
    Status (*architectures)(int*);
    const char* (*error_text)(Status);
    Status (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
    Status (*destroy)(Program*);
    Status (*compile)(Program, int, const char* const*);
    Status (*log_bytes)(Program, std::size_t*);
    Status (*log)(Program, char*);
    Status (*ptx_bytes)(Program, std::size_t*);
    Status (*ptx)(Program, char*);
  };

  std::string log_of(Program program) const;

  Functions functions_{};
  int version_ = 0;
  std::vector<int> architectures_;
};

}  // namespace halyard::cuda
