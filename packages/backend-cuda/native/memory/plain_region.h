#pragma once

#include "cuda_region.h"

namespace halyard::cuda {

/// Memory of the device as the driver allocates it: from its pool in stream order where there is one, else plainly.
class PlainRegion : public CudaRegion {
 public:
  /// Null: there is no more. New memory is not zeroed yet.
  static std::shared_ptr<PlainRegion> reserve(const DeviceContextPointer& context, std::int64_t bytes, bool in_order);
  ~PlainRegion() override;
  DeviceAddress address() const override { return address_; }
  void allow(const DeviceContext& peer) override;

 private:
  PlainRegion(std::int64_t bytes, DeviceContextPointer context, DeviceAddress address, bool in_order)
      : CudaRegion(bytes, std::move(context)), address_(address), in_order_(in_order) {}

  DeviceAddress address_;
  bool in_order_;
};

/// Memory of the host that the device reads and writes directly.
class PinnedRegion : public CudaRegion {
 public:
  /// Null: there is no more. Zeroed.
  static std::shared_ptr<PinnedRegion> reserve(const DeviceContextPointer& context, std::int64_t bytes);
  ~PinnedRegion() override;
  std::byte* data() const override { return data_; }
  /// Of pinned memory the same as the host's.
  DeviceAddress address() const override { return reinterpret_cast<DeviceAddress>(data_); }

 private:
  PinnedRegion(std::int64_t bytes, DeviceContextPointer context, std::byte* data)
      : CudaRegion(bytes, std::move(context)), data_(data) {}

  std::byte* data_;
};

}  // namespace halyard::cuda
