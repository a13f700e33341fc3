#include "device_context.h"

namespace halyard::cuda {

Result<std::shared_ptr<DeviceContext>> DeviceContext::open(const Driver& driver, DeviceNumber device) {
  Context handle = nullptr;
  if (Status status = driver.functions().context_retain(&handle, device))
    return to_error(driver, "cuDevicePrimaryCtxRetain", status);
  return std::shared_ptr<DeviceContext>(new DeviceContext(driver, device, handle));
}

DeviceContext::~DeviceContext() { functions().context_release(device_); }

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

CurrentContext::CurrentContext(const DeviceContext& context)
    : functions_(context.functions()), status_(functions_.context_push(context.handle())) {}

CurrentContext::~CurrentContext() {
  Context before = nullptr;
  if (status_ == status::success) functions_.context_pop(&before);
}

}  // namespace halyard::cuda
