#pragma once

#include <cstdint>

#include "memory_barrier.h"
#include "reads_in_flight.h"

namespace halyard::simulator {

/// A bulk copy of a lane reads shared memory from now until its group was waited for.
void begin_bulk_read(Warp& warp, const MicroOp& op, const SharedStretch& stretch, int lane);
/// The lane has waited until no more than `kept` of its groups are under way.
void finish_bulk_reads(Warp& warp, std::uint32_t kept, int lane);

/// Checks that an asynchronous operation may read, and notes that it does.
void begin_read(Warp& warp, const MicroOp& op, std::uint32_t offset, std::uint32_t bytes, int lane,
                AsynchronousRead& read);
/// That is over, as the warp knows.
void finish_read(Warp& warp, const AsynchronousRead& read);

}  // namespace halyard::simulator
