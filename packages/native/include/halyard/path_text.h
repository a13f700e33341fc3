#pragma once

#include <filesystem>
#include <string>

namespace halyard {

/// Texts are UTF-8 everywhere; what paths are made of is the system's affair (UTF-16 on Windows).
inline std::filesystem::path to_path(const std::string& text) { return std::u8string(text.begin(), text.end()); }

inline std::string to_text(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

}  // namespace halyard
