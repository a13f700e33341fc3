#pragma once

#include <cstdint>
#include <vector>

namespace halyard {

using Extents = std::vector<std::int64_t>;

/// A tensor as a step reads or writes it: element `offset + Σ index[axis] · strides[axis]`.
struct View {
  std::int32_t tensor = 0;
  std::int64_t offset = 0;
  Extents shape;
  Extents strides;

  int rank() const { return static_cast<int>(shape.size()); }
  std::int64_t elements() const {
    std::int64_t count = 1;
    for (std::int64_t extent : shape) count *= extent;
    return count;
  }
};

}  // namespace halyard
