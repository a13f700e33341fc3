#include "cuda_completion.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "halyard/spin.h"

namespace halyard::cuda {
namespace {

/// Short work is waited for without sleep: waking a thread takes about as long as this.
constexpr std::int64_t spin_nanoseconds = 50'000;
/// Between two looks at work that takes long.
constexpr std::int64_t greatest_pause_nanoseconds = 2'000'000;

}  // namespace

void deliver(const std::vector<Arrival>& arrivals) {
  for (const Arrival& arrival : arrivals) std::memcpy(arrival.to.data(), arrival.block->data(), arrival.to.size());
}

Result<std::shared_ptr<CudaCompletion>> CudaCompletion::record(const DeviceContextPointer& context,
                                                               DriverStream stream) {
  const DriverFunctions& functions = context->functions();
  Event event = nullptr;
  if (Failure failure =
          context->check("cuEventCreate", functions.event_create(&event, event_blocking_sync | event_disable_timing)))
    return *failure;
  if (Failure failure = context->check("cuEventRecord", functions.event_record(event, stream))) {
    functions.event_destroy(event);
    return *failure;
  }
  return std::shared_ptr<CudaCompletion>(new CudaCompletion(context, stream, event));
}

Failure CudaCompletion::await(const DeviceContextPointer& context, DriverStream stream) {
  if (auto completion = record(context, stream)) return completion.value()->wait();
  // Without an event there is no way to look whether it is over, only to wait.
  return context->check("cuStreamSynchronize", context->functions().stream_synchronize(stream));
}

CudaCompletion::~CudaCompletion() {
  if (context_->is_hung()) return;
  const CurrentContext current(*context_);
  context_->functions().event_destroy(event_);
}

/// Asks again and again, as long as the watchdog lets it: `not_ready` then.
Status CudaCompletion::poll() const {
  const std::int64_t until = now_nanoseconds() + context_->watchdog_nanoseconds();
  std::int64_t pause = spin_nanoseconds;
  Status status = status::not_ready;
  while (status == status::not_ready && now_nanoseconds() < until) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(pause));
    pause = std::min(pause * 2, greatest_pause_nanoseconds);
    status = context_->functions().event_query(event_);
  }
  return status;
}

Failure CudaCompletion::wait() {
  if (context_->is_hung()) return context_->lost();
  const CurrentContext current(*context_);
  const DriverFunctions& functions = context_->functions();
  Status status = current.status();
  if (status == status::success) {
    const std::int64_t until = now_nanoseconds() + spin_nanoseconds;
    while ((status = functions.event_query(event_)) == status::not_ready && now_nanoseconds() < until) relax();
    if (status == status::not_ready)
      status = context_->watchdog_nanoseconds() > 0 ? poll() : functions.event_synchronize(event_);
    if (status == status::not_ready) return context_->declare_hung();
  }
  Failure failure = context_->check("work on the device", status);
  if (!failure) deliver(arrivals_);
  arrivals_.clear();
  blocks_.clear();
  return failure;
}

void CudaCompletion::hold(std::vector<Staging::Block> blocks, std::vector<Arrival> arrivals) {
  blocks_ = std::move(blocks);
  arrivals_ = std::move(arrivals);
}

}  // namespace halyard::cuda
