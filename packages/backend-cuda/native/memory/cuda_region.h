#pragma once

#include "../execution/device_context.h"
#include "halyard/region.h"

namespace halyard::cuda {

/// Memory that the device can address: its own, or pinned memory of the host.
class CudaRegion : public Region {
 public:
  CudaRegion(std::int64_t bytes, DeviceContextPointer context) : Region(bytes), context_(std::move(context)) {}

  virtual DeviceAddress address() const = 0;
  /// Lets another device read and write it directly.
  virtual void allow(const DeviceContext&) {}
  const DeviceContextPointer& context() const { return context_; }
  const DriverFunctions& functions() const { return context_->functions(); }

 private:
  DeviceContextPointer context_;
};

/// The device address of a span of this addon's.
inline DeviceAddress address_of(const Span& span) {
  return static_cast<const CudaRegion&>(*span.region).address() + static_cast<DeviceAddress>(span.offset);
}

}  // namespace halyard::cuda
