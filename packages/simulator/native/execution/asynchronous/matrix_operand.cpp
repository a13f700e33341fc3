#include "matrix_operand.h"

#include <algorithm>

#include "../access/faults.h"

namespace halyard::simulator {
namespace {

constexpr std::uint32_t rows = 8, row_bytes = 16;

/// Rows of a core matrix that want the same four banks come one after another.
std::uint32_t wavefronts(const std::uint32_t (&offsets)[rows]) {
  std::uint32_t most = 0;
  std::uint8_t banks[8] = {};
  for (const std::uint32_t offset : offsets) most = std::max<std::uint32_t>(most, ++banks[offset / row_bytes % 8]);
  return most;
}

}  // namespace

bool begin_matrix_read(Warp& warp, const MicroOp& op, const MatrixPart& part, bool counts, AsynchronousRead& read) {
  Block& block = *warp.block;
  const LaunchOptions& options = warp.worker->context().options;
  std::uint32_t rounds = 0;
  // Most of a tile was written at once: what holds for one row holds for the next.
  SharedShadow::Tag good = 0;
  bool has_good = false;
  for (std::uint32_t outer = 0; outer < part.outer; ++outer)
    for (std::uint32_t inner = 0; inner < part.inner; ++inner) {
      std::uint32_t offsets[rows];
      for (std::uint32_t r = 0; r < rows; ++r) {
        offsets[r] = part.descriptor.row(part.is_transposed, part.first + outer, inner, r);
        if (offsets[r] + row_bytes > block.shared_bytes)
          return shared_out_of_bounds(warp, op, Direction::copy_from, offsets[r], row_bytes, 0);
      }
      rounds += wavefronts(offsets);
      if (!options.check_races) continue;
      for (const std::uint32_t offset : offsets) {
        if (!has_good || !block.shadow.all_are(offset, row_bytes, good)) {
          std::uint32_t other = 0;
          const SharedFault fault = block.shadow.check_asynchronous(warp, offset, row_bytes, other);
          if (fault != SharedFault::none)
            report_shared(warp, op, fault, offset, row_bytes, 0, other);
          else
            good = block.shadow.writer(offset), has_good = true;
        }
        block.reads_in_flight.begin(offset / ReadsInFlight::granule);
        read.granules.push_back(static_cast<std::uint16_t>(offset / ReadsInFlight::granule));
      }
    }
  if (counts && options.count_memory) {
    Counters& counters = warp.worker->counters();
    ++counters.shared_load_requests;
    counters.shared_load_wavefronts += rounds;
    counters.shared_load_ideal_wavefronts += part.outer * part.inner;
  }
  return true;
}

}  // namespace halyard::simulator
