#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../levels/level.h"
#include "halyard/error.h"

namespace halyard::cpu {

/// Brings constants into a layout. `sources` are the whole constants in the order of the request; `layout` is the whole
/// string, with its parameters after the name: `plain`, `q4_1x16:1536x576`. Never trusts sizes: answers an error where
/// they do not fit. Runs on the queue's thread.
using Packer = Failure (*)(std::span<const std::span<const std::byte>> sources, std::string_view layout,
                           std::span<std::byte> to);

struct Layout {
  /// What stands before the first `:`.
  std::string_view name;
  Packer pack;
};

/// Each kind of step that packs has a list of its own, see packing/layouts.cpp.
const Layout* find_layout(std::string_view layout);

}  // namespace halyard::cpu
