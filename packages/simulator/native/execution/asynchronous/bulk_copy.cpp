#include "bulk_copy.h"

#include "../access/faults.h"

namespace halyard::simulator {
namespace {

bool checks(const Warp& warp) {
  return warp.worker->context().options.check_races;
}

}  // namespace

void begin_bulk_read(Warp& warp, const MicroOp& op, const SharedStretch& stretch, int lane) {
  if (!checks(warp)) return;
  AsynchronousRead& read = warp.bulk_reads.emplace_back();
  read.group = warp.bulk_group[lane];
  read.lane = lane;
  begin_read(warp, op, stretch.offset, stretch.bytes, lane, read);
}

void finish_bulk_reads(Warp& warp, std::uint32_t kept, int lane) {
  std::erase_if(warp.bulk_reads, [&](const AsynchronousRead& read) {
    if (read.lane != lane || read.group + kept >= warp.bulk_group[lane]) return false;
    finish_read(warp, read);
    return true;
  });
}

void begin_read(Warp& warp, const MicroOp& op, std::uint32_t offset, std::uint32_t bytes, int lane,
                AsynchronousRead& read) {
  Block& block = *warp.block;
  std::uint32_t other = 0;
  const SharedFault fault = block.shadow.check_asynchronous(warp, offset, bytes, other);
  if (fault != SharedFault::none) report_shared(warp, op, fault, offset, bytes, lane, other);
  for (std::uint32_t g = offset / ReadsInFlight::granule; g < (offset + bytes) / ReadsInFlight::granule; ++g) {
    block.reads_in_flight.begin(g);
    read.granules.push_back(static_cast<std::uint16_t>(g));
  }
}

void finish_read(Warp& warp, const AsynchronousRead& read) {
  Block& block = *warp.block;
  for (const std::uint16_t g : read.granules) {
    block.reads_in_flight.end(g);
    block.shadow.mark_read(warp, g * ReadsInFlight::granule, ReadsInFlight::granule);
  }
}

}  // namespace halyard::simulator
