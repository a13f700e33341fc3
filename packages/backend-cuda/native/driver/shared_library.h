#pragma once

#include <string>

#include "halyard/error.h"

namespace halyard::cuda {

/// A library of the vendor's, loaded with local symbol scope. Never unloaded: its threads and exit handlers may outlive
/// whoever loaded it.
class SharedLibrary {
 public:
  /// A path, or a name for the loader to find. Fails with the loader's words as `found`.
  static Result<SharedLibrary> open(const std::string& name);
  /// Null if there is none.
  void* symbol(const char* name) const;

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}

  static Error not_loaded(std::string found) {
    return {"cuda:library-missing", std::move(found), "a library that loads", "Install it, or have the loader find it."};
  }

  void* handle_;
};

}  // namespace halyard::cuda
