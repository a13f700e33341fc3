#include "cuda_stream.h"

#include <algorithm>
#include <cstring>

#include "../memory/cuda_region.h"
#include "bound_graph.h"

namespace halyard::cuda {
namespace {

/// Blocks under way at a time in a transfer that is larger than one.
constexpr std::size_t blocks_in_turn = 2;

}  // namespace

CudaStream::~CudaStream() {
  if (stream_ == nullptr || context_->is_hung()) return;
  const CurrentContext current(*context_);
  context_->functions().stream_synchronize(stream_);
  context_->functions().stream_destroy(stream_);
}

Failure CudaStream::prepare(const CurrentContext& current) {
  if (Failure failure = context_->check("cuCtxPushCurrent", current.status())) return failure;
  if (stream_ != nullptr) return std::nullopt;
  return context_->check("cuStreamCreate", context_->functions().stream_create(&stream_, stream_non_blocking));
}

Failure CudaStream::run(const BindingTable& table) {
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  return static_cast<BoundGraph*>(table.bound_state.get())->run(table, stream_);
}

Failure CudaStream::copy(const Span& from, const Span& to) {
  if (from.bytes == 0) return std::nullopt;
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  const auto bytes = static_cast<std::size_t>(from.bytes);
  auto& from_region = static_cast<CudaRegion&>(*from.region);
  auto& to_region = static_cast<CudaRegion&>(*to.region);
  const DeviceContextPointer& source = from_region.context();
  const DeviceContextPointer& target = to_region.context();
  if (source->handle() == target->handle())
    return context_->check("cuMemcpyAsync",
                           context_->functions().copy(address_of(to), address_of(from), bytes, stream_));
  const DeviceContext& peer = source->handle() == context_->handle() ? *target : *source;
  // The error would come back as one of this device, which goes on.
  if (Failure loss = peer.lost()) return loss;
  context_->enable_peer(peer);
  from_region.allow(*context_);
  to_region.allow(*context_);
  return context_->check("cuMemcpyPeerAsync",
                         context_->functions().copy_to_peer(address_of(to), target->handle(), address_of(from),
                                                            source->handle(), bytes, stream_));
}

Failure CudaStream::fill(const Span& to, std::uint8_t byte) {
  if (to.bytes == 0) return std::nullopt;
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  return context_->check("cuMemsetD8Async", context_->functions().fill(address_of(to), byte,
                                                                       static_cast<std::size_t>(to.bytes), stream_));
}

Failure CudaStream::write(std::span<const std::byte> from, const Span& to) {
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  return settle(send(from, address_of(to)));
}

Failure CudaStream::send(std::span<const std::byte> from, DeviceAddress to) {
  std::vector<Staging::Block> turn;
  for (std::size_t at = 0; at < from.size();) {
    if (turn.size() == blocks_in_turn) {
      // The block was last used two copies ago, but order has no finer point here than the whole stream.
      if (Failure failure = drain()) return failure;
      turn.clear();
    }
    const std::size_t bytes = std::min(from.size() - at, static_cast<std::size_t>(Staging::block_bytes));
    Staging::Block block = staging_->take(static_cast<std::int64_t>(bytes));
    if (!block) return no_staging();
    std::memcpy(block->data(), from.data() + at, bytes);
    const Status status = context_->functions().copy_to_device(to + at, block->data(), bytes, stream_);
    if (Failure failure = context_->check("cuMemcpyHtoDAsync", status)) return failure;
    turn.push_back(block);
    blocks_.push_back(std::move(block));
    at += bytes;
  }
  return std::nullopt;
}

Failure CudaStream::read(const Span& from, std::span<std::byte> to) {
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  return settle(receive(address_of(from), to));
}

Failure CudaStream::receive(DeviceAddress from, std::span<std::byte> to) {
  for (std::size_t at = 0; at < to.size();) {
    if (arrivals_.size() == blocks_in_turn)
      if (Failure failure = drain()) return failure;
    const std::size_t bytes = std::min(to.size() - at, static_cast<std::size_t>(Staging::block_bytes));
    Staging::Block block = staging_->take(static_cast<std::int64_t>(bytes));
    if (!block) return no_staging();
    const Status status = context_->functions().copy_to_host(block->data(), from + at, bytes, stream_);
    if (Failure failure = context_->check("cuMemcpyDtoHAsync", status)) return failure;
    arrivals_.push_back({std::move(block), to.subspan(at, bytes)});
    at += bytes;
  }
  return std::nullopt;
}

Failure CudaStream::drain() {
  Failure failure;
  if (auto completion = CudaCompletion::record(context_, stream_)) {
    completion.value()->hold(std::move(blocks_), std::move(arrivals_));
    failure = completion.value()->wait();
  } else {
    failure = context_->check("cuStreamSynchronize", context_->functions().stream_synchronize(stream_));
    if (!failure) deliver(arrivals_);
  }
  arrivals_.clear();
  blocks_.clear();
  return failure;
}

Failure CudaStream::settle(Failure failure) {
  if (!failure) return failure;
  // Nobody waits for the rest of a transfer that failed half way, and what it was for may be gone by then.
  arrivals_.clear();
  drain();
  return failure;
}

Failure CudaStream::no_staging() const {
  if (Failure loss = context_->lost()) return loss;
  return Error{"out-of-memory", "no pinned memory for a transfer", "a few megabytes of it",
               "Close other programs that pin memory, or raise the limit on locked memory (ulimit -l)."};
}

Failure CudaStream::pack(std::span<const std::span<const std::byte>> sources, std::string_view layout,
                         const Span& to) {
  if (layout != "plain")
    return Error{"bad-argument", "layout " + std::string(layout), "one that a program's packed names",
                 "Pack with the layout as the executable gives it."};
  std::size_t total = 0;
  for (const auto& source : sources) total += source.size();
  if (total > static_cast<std::size_t>(to.bytes))
    return Error{"bad-argument", std::to_string(total) + " bytes to pack into " + std::to_string(to.bytes),
                 "room for all of them", "Pack into a span of the size that the executable names."};
  const CurrentContext current(*context_);
  if (Failure failure = prepare(current)) return failure;
  DeviceAddress at = address_of(to);
  for (const auto& source : sources) {
    if (Failure failure = settle(send(source, at))) return failure;
    at += source.size();
  }
  return std::nullopt;
}

std::shared_ptr<Completion> CudaStream::record() {
  if (stream_ == nullptr) return nullptr;
  const CurrentContext current(*context_);
  auto completion = CudaCompletion::record(context_, stream_);
  if (!completion) {
    // Without an event there is only the end of the stream to wait for; what fails there shows as a lost device.
    drain();
    return nullptr;
  }
  completion.value()->hold(std::move(blocks_), std::move(arrivals_));
  blocks_.clear();
  arrivals_.clear();
  return completion.value();
}

bool CudaStream::wait_for(Completion& completion) {
  auto& other = static_cast<CudaCompletion&>(completion);
  if (other.stream() == stream_) return true;
  const CurrentContext current(*context_);
  return !prepare(current) && context_->functions().stream_wait(stream_, other.event(), 0) == status::success;
}

}  // namespace halyard::cuda
