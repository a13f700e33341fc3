#include "trace.h"

#include <iterator>
#include <utility>

namespace halyard::simulator {

void Trace::append(Trace other) {
  const auto first = static_cast<std::uint32_t>(instructions.size());
  std::move(other.instructions.begin(), other.instructions.end(), std::back_inserter(instructions));
  for (WarpTrace& warp : other.warps) {
    for (std::uint32_t& instruction : warp.instructions) instruction += first;
    warps.push_back(std::move(warp));
  }
}

}  // namespace halyard::simulator
