#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace halyard::simulator {

/// A word, number, string or sign of PTX text.
struct Token {
  enum class Kind : std::uint8_t { word, directive, integer, float32, float64, string, sign, end };
  Kind kind = Kind::end;
  std::string_view text;
  std::uint64_t bits = 0;  ///< of a number
  std::uint32_t line = 0;
  bool is_unsigned = false;

  bool is(std::string_view what) const { return text == what && kind != Kind::string; }
};

/// Splits a whole text; comments and pragmas' contents stay out. Throws PtxError.
std::vector<Token> tokenize(std::string_view text);

}  // namespace halyard::simulator
