#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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

  /// How long the device may work on one command before it counts as lost; 0: as long as it likes.
  std::int64_t watchdog_nanoseconds() const { return watchdog_nanoseconds_; }
  void set_watchdog(std::int64_t nanoseconds) { watchdog_nanoseconds_ = nanoseconds; }
  /// The device does not end what it works on.
  Error declare_hung();
  /// Then nothing is given back any more: every such call would wait for the device, for ever.
  bool is_hung() const { return hung_.load(std::memory_order_acquire); }

  /// Has copies to and from another device go directly, where the two can. This context is the calling thread's.
  void enable_peer(const DeviceContext& peer);

 private:
  DeviceContext(const Driver& driver, DeviceNumber device, Context handle)
      : driver_(driver), device_(device), handle_(handle) {}

  const Driver& driver_;
  DeviceNumber device_;
  Context handle_;
  mutable std::mutex mutex_;
  Failure loss_;
  std::atomic<bool> hung_{false};
  std::int64_t watchdog_nanoseconds_ = 0;
  std::vector<DeviceNumber> peers_;
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
