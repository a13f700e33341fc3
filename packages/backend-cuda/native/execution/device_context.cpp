#include "device_context.h"

#include <algorithm>

namespace halyard::cuda {

Result<std::shared_ptr<DeviceContext>> DeviceContext::open(const Driver& driver, DeviceNumber device) {
  Context handle = nullptr;
  if (Status status = driver.functions().context_retain(&handle, device))
    return to_error(driver, "cuDevicePrimaryCtxRetain", status);
  return std::shared_ptr<DeviceContext>(new DeviceContext(driver, device, handle));
}

DeviceContext::~DeviceContext() {
  if (!is_hung()) functions().context_release(device_);
}

Failure DeviceContext::check(std::string_view call, Status status) {
  if (status == status::success) return std::nullopt;
  Error error = to_error(driver_, call, status);
  if (is_loss(status)) {
    std::lock_guard lock(mutex_);
    if (!loss_) loss_ = error;
  }
  return error;
}

Failure DeviceContext::lost() const {
  std::lock_guard lock(mutex_);
  return loss_;
}

Error DeviceContext::declare_hung() {
  Error error{"device-lost",
              "no end of work on the device within " + std::to_string(watchdog_nanoseconds_ / 1'000'000) + " ms",
              "work that ends in time",
              "Raise the option watchdogMs if the work may take longer; else reset the GPU, or restart the machine."};
  hung_.store(true, std::memory_order_release);
  std::lock_guard lock(mutex_);
  if (!loss_) loss_ = error;
  return error;
}

void DeviceContext::enable_peer(const DeviceContext& peer) {
  std::lock_guard lock(mutex_);
  if (std::find(peers_.begin(), peers_.end(), peer.device()) != peers_.end()) return;
  peers_.push_back(peer.device());
  int can = 0;
  if (functions().can_access_peer(&can, device_, peer.device()) != 0 || can == 0) return;
  // Enabled before, or not to be had: the driver then copies by way of the host.
  functions().enable_peer(peer.handle(), 0);
}

CurrentContext::CurrentContext(const DeviceContext& context)
    : functions_(context.functions()), status_(functions_.context_push(context.handle())) {}

CurrentContext::~CurrentContext() {
  Context before = nullptr;
  if (status_ == status::success) functions_.context_pop(&before);
}

}  // namespace halyard::cuda
