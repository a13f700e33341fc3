#pragma once

#include <vector>

#include "cuda_completion.h"
#include "halyard/backend.h"

namespace halyard::cuda {

/// One stream of the driver for one queue, made when it is first used. Everything is asynchronous, except that transfers
/// larger than a staging block hold the queue's thread until all but their last blocks are over.
class CudaStream : public Stream {
 public:
  CudaStream(DeviceContextPointer context, std::shared_ptr<Staging> staging)
      : context_(std::move(context)), staging_(std::move(staging)) {}
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
  /// What each command begins with; fails where the driver has no room for a stream, now.
  Failure prepare(const CurrentContext& current);
  Failure send(std::span<const std::byte> from, DeviceAddress to);
  Failure receive(DeviceAddress from, std::span<std::byte> to);
  /// Waits for the stream, no longer than the watchdog lets it, and lets go of the blocks that it used.
  Failure drain();
  /// Hands on how a transfer ended; of one that failed nothing is left under way.
  Failure settle(Failure failure);
  Failure no_staging() const;

  DeviceContextPointer context_;
  std::shared_ptr<Staging> staging_;
  DriverStream stream_ = nullptr;
  std::vector<Staging::Block> blocks_;
  std::vector<Arrival> arrivals_;
};

}  // namespace halyard::cuda
