#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "../driver/driver.h"

namespace halyard::cuda {

/// The primary context of one device, held as long as anything lives that needs it.
class DeviceContext {
 public:
  static Result<std::shared_ptr<DeviceContext>> open(const Driver& driver, DeviceNumber device);
  ~DeviceContext();
  DeviceContext(const DeviceContext&) = delete;
  DeviceContext& operator=(const DeviceContext&) = delete;

  const Driver& driver() const { return driver_; }
  const DriverFunctions& functions() const { return driver_.functions(); }
  DeviceNumber device() const { return device_; }
  Context handle() const { return handle_; }

  /// Nothing for success; else the error of a failed call, which may mean that the device is lost from now on.
  Failure check(std::string_view call, Status status);
  /// Set once the device is lost.
  Failure lost() const;

 private:
  DeviceContext(const Driver& driver, DeviceNumber device, Context handle)
      : driver_(driver), device_(device), handle_(handle) {}

  const Driver& driver_;
  DeviceNumber device_;
  Context handle_;
  mutable std::mutex mutex_;
  Failure loss_;
};

using DeviceContextPointer = std::shared_ptr<DeviceContext>;

/// Makes a context the calling thread's for as long as it lives.
class CurrentContext {
 public:
  explicit CurrentContext(const DeviceContext& context);
  ~CurrentContext();
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;
  /// Of making it current.
  Status status() const { return status_; }

 private:
  const DriverFunctions& functions_;
  Status status_;
};

}  // namespace halyard::cuda
