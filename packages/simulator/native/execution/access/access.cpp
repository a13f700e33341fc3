#include "access.h"

#include "spaces.h"

namespace halyard::simulator {

bool prepare(Warp& warp, const MicroOp& op, Space space, Direction direction, const std::uint64_t* addresses,
             std::uint32_t mask, std::uint32_t bytes, Access& access) {
  switch (space) {
    case Space::shared:
      return prepare_shared(warp, op, Reach::block, direction, addresses, mask, bytes, access);
    case Space::cluster:
      return prepare_shared(warp, op, Reach::cluster, direction, addresses, mask, bytes, access);
    case Space::local:
      return prepare_local(warp, op, addresses, mask, bytes, access);
    case Space::parameter:
      return prepare_parameter(warp, op, direction, addresses, mask, bytes, access);
    default:
      return prepare_global(warp, op, direction, addresses, mask, bytes, access);
  }
}

void load_addresses(const Warp& warp, const MicroOp& op, bool wide, std::uint64_t* addresses) {
  if (wide) {
    const auto* base = warp.at<std::uint64_t>(op.a);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) addresses[l] = base[l] + op.immediate;
  } else {
    const auto* base = warp.at<std::uint32_t>(op.a);
    const auto immediate = static_cast<std::uint32_t>(op.immediate);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) addresses[l] = base[l] + immediate;
  }
}

}  // namespace halyard::simulator
