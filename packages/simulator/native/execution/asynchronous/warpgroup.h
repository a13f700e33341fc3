#pragma once

#include <cstdint>

#include "reads_in_flight.h"

namespace halyard::simulator {

struct MicroOp;
struct Warp;

/// Notes which product a warp is about to issue; false, and reported, if another warp of the group has issued another.
bool begin_issue(Warp& warp, const MicroOp& op, std::uint64_t descriptor_a, std::uint64_t descriptor_b);

/// A warp has issued its part of a product. Warps that wait for it go on if it was the last.
void finish_issue(Warp& warp, AsynchronousRead read);

/// Waits until no more than `kept` groups of the warp's products are under way. A product is one operation of four
/// warps, so that it is over for all of them, or for none.
void wait_for_products(Warp& warp, const MicroOp& op, std::uint32_t kept);

}  // namespace halyard::simulator
