#pragma once

#include <vector>

#include "cuda_completion.h"
#include "halyard/backend.h"

namespace halyard::cuda {

/// One stream of the driver for one queue. Everything is asynchronous, except that transfers larger than a staging block
/// hold the queue's thread until all but their last blocks are over.
class CudaStream : public Stream {
 public:
  static Result<std::unique_ptr<Stream>> open(DeviceContextPointer context, std::shared_ptr<Staging> staging);
  ~CudaStream() override;

  Failure run(const BindingTable& table) override;
  Failure copy(const Span& from, const Span& to) override;
  Failure fill(const Span& to, std::uint8_t byte) override;
  Failure write(std::span<const std::byte> from, const Span& to) override;
  Failure read(const Span& from, std::span<std::byte> to) override;
  /// The one layout is `plain`: the bytes as they are.
  Failure pack(std::span<const std::span<const std::byte>> sources, std::string_view layout, const Span& to) override;
  std::shared_ptr<Completion> record() override;
  bool wait_for(Completion& completion) override;

 private:
  CudaStream(DeviceContextPointer context, std::shared_ptr<Staging> staging, DriverStream stream)
      : context_(std::move(context)), staging_(std::move(staging)), stream_(stream) {}

  Failure send(std::span<const std::byte> from, DeviceAddress to);
  /// Waits for the stream, and lets go of the blocks that it used.
  Failure drain();
  Failure no_staging() const;

  DeviceContextPointer context_;
  std::shared_ptr<Staging> staging_;
  DriverStream stream_;
  std::vector<Staging::Block> blocks_;
  std::vector<Arrival> arrivals_;
};

}  // namespace halyard::cuda
