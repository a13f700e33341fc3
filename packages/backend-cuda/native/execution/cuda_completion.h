#pragma once

#include <span>
#include <vector>

#include "../memory/staging.h"
#include "halyard/completion.h"

namespace halyard::cuda {

/// Bytes that lie in a staging block when their copy is over, and the place in the caller's memory that they are for.
struct Arrival {
  Staging::Block block;
  std::span<std::byte> to;
};

/// Brings what has arrived to where it is for.
void deliver(const std::vector<Arrival>& arrivals);

/// An event behind everything that a stream was given, and the staging memory that this needs until then.
class CudaCompletion : public Completion {
 public:
  /// Fails as the driver's call does.
  static Result<std::shared_ptr<CudaCompletion>> record(const DeviceContextPointer& context, DriverStream stream);
  /// Waits for all that a stream was given.
  static Failure await(const DeviceContextPointer& context, DriverStream stream);
  ~CudaCompletion() override;

  /// Waits, and brings what has arrived to where it is for.
  Failure wait() override;

  Event event() const { return event_; }
  DriverStream stream() const { return stream_; }
  const DeviceContextPointer& context() const { return context_; }
  void hold(std::vector<Staging::Block> blocks, std::vector<Arrival> arrivals);

 private:
  Status poll() const;

  CudaCompletion(DeviceContextPointer context, DriverStream stream, Event event)
      : context_(std::move(context)), stream_(stream), event_(event) {}

  DeviceContextPointer context_;
  DriverStream stream_;
  Event event_;
  std::vector<Staging::Block> blocks_;
  std::vector<Arrival> arrivals_;
};

}  // namespace halyard::cuda
