#pragma once

#include <mutex>
#include <vector>

#include "cuda_region.h"

namespace halyard::cuda {

/// A stretch of address space into which physical memory is mapped in chunks: it grows and shrinks in place.
class VirtualRegion : public CudaRegion {
 public:
  /// Null: there is no more. `bytes` become a multiple of `granularity`; new memory is not zeroed yet.
  static std::shared_ptr<VirtualRegion> reserve(const DeviceContextPointer& context, std::int64_t bytes,
                                                std::int64_t granularity);
  /// What the driver maps at least; 0 where it maps nothing.
  static std::int64_t granularity_of(const DeviceContext& context);
  ~VirtualRegion() override;

  DeviceAddress address() const override { return base_; }
  /// Zeroes what is new. False where the reserved addresses or the device's memory end.
  bool resize(std::int64_t bytes) override;
  void allow(const DeviceContext& peer) override;

 private:
  struct Chunk {
    std::int64_t offset;
    std::int64_t bytes;
    AllocationHandle handle;
  };

  VirtualRegion(DeviceContextPointer context, DeviceAddress base, std::int64_t reserved, std::int64_t granularity)
      : CudaRegion(0, std::move(context)), base_(base), reserved_(reserved), granularity_(granularity) {
    access_.emplace_back().location.id = this->context()->device();
  }

  bool grow(std::int64_t bytes);
  bool add_chunk(std::int64_t bytes);
  /// Takes off every chunk that lies behind `bytes`.
  void cut(std::int64_t bytes);
  std::int64_t mapped() const { return chunks_.empty() ? 0 : chunks_.back().offset + chunks_.back().bytes; }

  DeviceAddress base_;
  std::int64_t reserved_;
  std::int64_t granularity_;
  std::vector<Chunk> chunks_;
  /// Who may read and write it: its own device first.
  std::vector<AccessDescription> access_;
  /// `resize` and `allow` may come from different threads.
  std::mutex mutex_;
};

}  // namespace halyard::cuda
