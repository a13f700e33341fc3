#pragma once

#include <memory>
#include <string>

#include "halyard/error.h"

namespace halyard::cuda {

/// A library of the vendor's, loaded with local symbol scope. Never unloaded: its threads and exit handlers may outlive
/// whoever loaded it.
class SharedLibrary {
 public:
  /// Fails with the loader's words as `found`.
  static Result<SharedLibrary> open(const std::string& name);
  /// Null if there is none.
  void* symbol(const char* name) const;

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}
  void* handle_;
};

}  // namespace halyard::cuda
