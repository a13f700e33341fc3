#pragma once

#include "shared_library.h"
#include "types.h"

namespace halyard::cuda {

/// Finds the driver's functions: by `cuGetProcAddress`, which knows what the driver really has, and by the library's own
/// table where there is none.
class SymbolFinder {
 public:
  explicit SymbolFinder(const SharedLibrary& library);
  /// By the name with its version (`cuMemAlloc_v2`), else by that of older drivers. Null if there is neither.
  void* find(const char* symbol, const char* older) const;

 private:
  /// Of the first version of it (CUDA 11.3), which every later driver has, too.
  using GetProcAddress = Status (*)(const char* name, void** function, int version, std::uint64_t flags);

  void* ask(const char* symbol) const;

  const SharedLibrary& library_;
  GetProcAddress get_ = nullptr;
  int version_ = 0;
};

}  // namespace halyard::cuda
