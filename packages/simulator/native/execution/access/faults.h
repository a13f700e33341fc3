#pragma once

#include "access.h"

namespace halyard::simulator {

bool is_write(Direction direction);
/// "read", "write", "atomic access"
const char* verb(Direction direction);

/// Each says what is wrong with an access of `bytes`, and gives back false where that ends the launch.
bool misaligned(Warp& warp, const MicroOp& op, const std::uint64_t* addresses, std::uint32_t mask, std::uint32_t bytes,
                const char* space);
bool global_out_of_bounds(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t address,
                          std::uint64_t bytes, int lane);
bool shared_out_of_bounds(Warp& warp, const MicroOp& op, Direction direction, std::uint64_t offset, std::uint64_t bytes,
                          int lane);
void uninitialized(Warp& warp, const MicroOp& op, std::uint64_t address, std::uint32_t bytes, int lane,
                   const char* space);
void report_shared(Warp& warp, const MicroOp& op, SharedFault fault, std::uint64_t offset, std::uint32_t bytes,
                   int lane, std::uint32_t other);

}  // namespace halyard::simulator
