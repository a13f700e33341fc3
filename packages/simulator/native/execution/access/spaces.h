#pragma once

#include "access.h"
#include "shared_place.h"

namespace halyard::simulator {

// `prepare` by space.
bool prepare_global(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access);
bool prepare_shared(Warp& warp, const MicroOp& op, Reach reach, Direction direction, const std::uint64_t* addresses,
                    std::uint32_t mask, std::uint32_t bytes, Access& access);
bool prepare_local(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask,
                   std::uint32_t bytes, Access& access);
bool prepare_parameter(Warp& warp, const MicroOp& op, Direction direction, const std::uint64_t* addresses,
                       std::uint32_t mask, std::uint32_t bytes, Access& access);

}  // namespace halyard::simulator
