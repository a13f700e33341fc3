#include "virtual_region.h"

#include <algorithm>

#include "zeroing.h"

namespace halyard::cuda {
namespace {

/// Physical memory comes in chunks of at most so much: what is cut off is given back to within one of them.
constexpr std::int64_t greatest_chunk_bytes = 32 << 20;
/// Addresses are plentiful: a region may grow to so many times its size before it has to move.
constexpr std::int64_t room_factor = 4;
constexpr std::int64_t least_room_bytes = 256 << 20;
/// Beyond this no device has memory, and the products below would overflow.
constexpr std::int64_t greatest_bytes = std::int64_t{1} << 46;

AllocationProperties properties_of(const DeviceContext& context) {
  AllocationProperties properties;
  properties.location.id = context.device();
  return properties;
}

}  // namespace

std::int64_t VirtualRegion::granularity_of(const DeviceContext& context) {
  int supported = 0;
  const DriverFunctions& functions = context.functions();
  if (!context.driver().has_virtual_memory() ||
      functions.device_attribute(&supported, DeviceAttribute::virtual_memory_management, context.device()) != 0 ||
      supported == 0)
    return 0;
  const AllocationProperties properties = properties_of(context);
  std::size_t granularity = 0;
  if (functions.granularity(&granularity, &properties, GranularityKind::minimum) != 0) return 0;
  return static_cast<std::int64_t>(granularity);
}

std::shared_ptr<VirtualRegion> VirtualRegion::reserve(const DeviceContextPointer& context, std::int64_t bytes,
                                                      std::int64_t granularity) {
  if (bytes > greatest_bytes) return nullptr;
  const CurrentContext current(*context);
  if (context->check("cuCtxPushCurrent", current.status())) return nullptr;
  const std::int64_t needed = std::max((bytes + granularity - 1) / granularity, std::int64_t{1}) * granularity;
  DeviceAddress base = 0;
  // Room to grow if it is to be had, else just what is needed.
  for (std::int64_t reserved : {std::max(needed * room_factor, least_room_bytes / granularity * granularity), needed}) {
    if (context->functions().address_reserve(&base, static_cast<std::size_t>(reserved), 0, 0, 0) != 0) continue;
    auto region = std::shared_ptr<VirtualRegion>(new VirtualRegion(context, base, reserved, granularity));
    return region->grow(needed) ? region : nullptr;
  }
  return nullptr;
}

void VirtualRegion::allow(const DeviceContext& peer) {
  std::lock_guard lock(mutex_);
  for (const AccessDescription& access : access_)
    if (access.location.id == peer.device()) return;
  int can = 0;
  if (functions().can_access_peer(&can, peer.device(), context()->device()) != 0 || can == 0) return;
  AccessDescription access;
  access.location.id = peer.device();
  if (functions().set_access(base_, static_cast<std::size_t>(mapped()), &access, 1) == status::success)
    access_.push_back(access);
}

VirtualRegion::~VirtualRegion() {
  if (context()->is_hung()) return;
  const CurrentContext current(*context());
  cut(0);
  functions().address_free(base_, static_cast<std::size_t>(reserved_));
}

bool VirtualRegion::resize(std::int64_t bytes) {
  std::lock_guard lock(mutex_);
  const CurrentContext current(*context());
  const std::int64_t wanted = std::max((bytes + granularity_ - 1) / granularity_, std::int64_t{1}) * granularity_;
  const std::int64_t before = this->bytes();
  if (bytes < 0 || wanted > reserved_) return false;
  if (wanted <= before) {
    cut(wanted);
    set_bytes(wanted);
    return true;
  }
  if (!grow(wanted)) return false;
  if (!zero(context(), base_ + static_cast<DeviceAddress>(before), wanted - before)) {
    cut(before);
    set_bytes(before);
    return false;
  }
  return true;
}

bool VirtualRegion::grow(std::int64_t bytes) {
  const std::int64_t before = this->bytes();
  while (mapped() < bytes) {
    if (add_chunk(std::min(bytes - mapped(), greatest_chunk_bytes))) continue;
    cut(before);
    return false;
  }
  set_bytes(bytes);
  return true;
}

bool VirtualRegion::add_chunk(std::int64_t bytes) {
  const AllocationProperties properties = properties_of(*context());
  const std::int64_t offset = mapped();
  const auto size = static_cast<std::size_t>(bytes);
  const DeviceAddress start = base_ + static_cast<DeviceAddress>(offset);
  AllocationHandle handle = 0;
  if (context()->check("cuMemCreate", functions().physical_create(&handle, size, &properties, 0))) return false;
  if (context()->check("cuMemMap", functions().map(start, size, 0, handle, 0))) {
    functions().physical_release(handle);
    return false;
  }
  if (context()->check("cuMemSetAccess", functions().set_access(start, size, access_.data(), access_.size()))) {
    functions().unmap(start, size);
    functions().physical_release(handle);
    return false;
  }
  chunks_.push_back({offset, bytes, handle});
  return true;
}

void VirtualRegion::cut(std::int64_t bytes) {
  while (!chunks_.empty() && chunks_.back().offset >= bytes) {
    const Chunk& chunk = chunks_.back();
    functions().unmap(base_ + static_cast<DeviceAddress>(chunk.offset), static_cast<std::size_t>(chunk.bytes));
    functions().physical_release(chunk.handle);
    chunks_.pop_back();
  }
}

}  // namespace halyard::cuda
