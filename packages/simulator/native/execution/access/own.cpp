#include <string>

#include "faults.h"
#include "pattern.h"
#include "spaces.h"

namespace halyard::simulator {

bool prepare_local(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask,
                   std::uint32_t bytes, Access& access) {
  bool ok = true;
  each_lane(mask, [&](int l) {
    if (addresses[l] & (bytes - 1)) {
      ok = misaligned(warp, op, addresses, mask, bytes, "local");
    } else if (addresses[l] + bytes > warp.local_stride) {
      ok = false;
      warp.worker->report(warp, op, FindingKind::out_of_bounds, l, addresses[l], bytes,
                          "outside of the thread's local memory", LaunchError::illegal_address);
    }
    access.pointers[l] = warp.local + std::uint64_t{warp.local_stride} * l + addresses[l];
  });
  access.mask = mask;
  access.pattern = Access::Pattern::any;
  return ok;
}

bool prepare_parameter(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                       std::uint32_t mask, std::uint32_t bytes, Access& access) {
  const std::vector<std::byte>& parameters = warp.worker->context().configuration.parameters;
  const bool writes = is_write(direction);
  bool ok = true;
  each_lane(mask, [&](int l) {
    if (writes || addresses[l] + bytes > parameters.size() || (addresses[l] & (bytes - 1))) {
      ok = false;
      warp.worker->report(warp, op, writes ? FindingKind::write_to_constant : FindingKind::out_of_bounds, l,
                          addresses[l], bytes,
                          writes ? "a write into the kernel's parameters" : "outside of the kernel's parameters",
                          LaunchError::illegal_address);
    }
    access.pointers[l] = const_cast<std::byte*>(parameters.data()) + addresses[l];
  });
  access.mask = mask;
  access.pattern = Access::Pattern::any;
  return ok;
}

}  // namespace halyard::simulator
