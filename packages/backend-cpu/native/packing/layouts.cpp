#include "layouts.h"

#include <cstring>

#include "../steps/matmul.h"

namespace halyard::cpu {
namespace {

/// The bytes as they are, one constant after another.
Failure pack_plain(std::span<const std::span<const std::byte>> sources, std::string_view, std::span<std::byte> to) {
  std::size_t bytes = 0;
  for (const auto& source : sources) bytes += source.size();
  if (bytes > to.size())
    return Error{"bad-argument", std::to_string(bytes) + " bytes of constants", "at most " + std::to_string(to.size()),
                 "Reserve what the program's binding names."};
  std::byte* end = to.data();
  for (const auto& source : sources) {
    if (!source.empty()) std::memcpy(end, source.data(), source.size());
    end += source.size();
  }
  return std::nullopt;
}

constexpr Layout plain{"plain", pack_plain};

}  // namespace

const Layout* find_layout(std::string_view layout) {
  const std::string_view name = layout.substr(0, layout.find(':'));
  if (name == plain.name) return &plain;
  for (const Layout& known : matmul_layouts())
    if (known.name == name) return &known;
  return nullptr;
}

}  // namespace halyard::cpu
