#include "plain_region.h"

#include <cstring>

#include "../execution/cuda_completion.h"

namespace halyard::cuda {
namespace {

/// The stream of the driver that waits for all others of the context.
constexpr DriverStream default_stream = nullptr;

std::size_t size_of(std::int64_t bytes) { return static_cast<std::size_t>(bytes > 0 ? bytes : 1); }

}  // namespace

std::shared_ptr<PlainRegion> PlainRegion::reserve(const DeviceContextPointer& context, std::int64_t bytes,
                                                  bool in_order) {
  const CurrentContext current(*context);
  if (context->check("cuCtxPushCurrent", current.status())) return nullptr;
  const DriverFunctions& functions = context->functions();
  DeviceAddress address = 0;
  const Failure failure =
      in_order ? context->check("cuMemAllocAsync",
                                functions.allocate_in_order(&address, size_of(bytes), default_stream))
               : context->check("cuMemAlloc", functions.memory_allocate(&address, size_of(bytes)));
  if (failure) return nullptr;
  auto region = std::shared_ptr<PlainRegion>(new PlainRegion(bytes, context, address, in_order));
  // Streams here do not wait for the default one.
  if (in_order && CudaCompletion::await(context, default_stream)) return nullptr;
  return region;
}

PlainRegion::~PlainRegion() {
  if (context()->is_hung()) return;
  const CurrentContext current(*context());
  // Work that used it is done: commands hold their regions until then.
  if (in_order_)
    functions().free_in_order(address_, default_stream);
  else
    functions().memory_free(address_);
}

void PlainRegion::allow(const DeviceContext& peer) {
  // What is allocated plainly is open to every context that `enable_peer` let in.
  if (!in_order_ || functions().pool_set_access == nullptr || functions().device_pool == nullptr) return;
  int can = 0;
  if (functions().can_access_peer(&can, peer.device(), context()->device()) != 0 || can == 0) return;
  MemoryPool pool = nullptr;
  if (functions().device_pool(&pool, context()->device()) != status::success) return;
  AccessDescription access;
  access.location.id = peer.device();
  functions().pool_set_access(pool, &access, 1);
}

std::shared_ptr<PinnedRegion> PinnedRegion::reserve(const DeviceContextPointer& context, std::int64_t bytes) {
  const CurrentContext current(*context);
  if (context->check("cuCtxPushCurrent", current.status())) return nullptr;
  void* data = nullptr;
  const Status status = context->functions().host_allocate(&data, size_of(bytes),
                                                           host_allocation_portable | host_allocation_device_map);
  if (context->check("cuMemHostAlloc", status)) return nullptr;
  std::memset(data, 0, size_of(bytes));
  return std::shared_ptr<PinnedRegion>(new PinnedRegion(bytes, context, static_cast<std::byte*>(data)));
}

PinnedRegion::~PinnedRegion() {
  if (context()->is_hung()) return;
  const CurrentContext current(*context());
  functions().host_free(data_);
}

}  // namespace halyard::cuda
