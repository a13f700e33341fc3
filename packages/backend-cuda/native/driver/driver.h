#pragma once

#include <string>

#include "functions.h"
#include "halyard/error.h"
#include "shared_library.h"
#include "status.h"

namespace halyard::cuda {

/// CUDA 11.8, the oldest that is supported.
inline constexpr int least_driver_version = 11080;

/// NVIDIA's driver, found, checked and initialized at run time. One for the process; lives as long as it.
class Driver {
 public:
  /// The same answer each time. Fails with `cuda:library-missing`, `cuda:symbol-missing`, `cuda:driver-too-old`,
  /// `cuda:no-device`, `cuda:no-permission`, or `cuda:driver-failed`.
  static const Result<const Driver*>& get();

  const DriverFunctions& functions() const { return functions_; }
  /// 12040 for CUDA 12.4.
  int version() const { return version_; }
  int device_count() const { return device_count_; }
  bool has_virtual_memory() const;
  bool has_ordered_allocation() const;

 private:
  static Result<const Driver*> load();
  Failure resolve(const SharedLibrary& library);
  Failure initialize();

  DriverFunctions functions_;
  int version_ = 0;
  int device_count_ = 0;
};

/// `12.4` for 12040.
std::string version_text(int version);

}  // namespace halyard::cuda
