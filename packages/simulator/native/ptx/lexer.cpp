#include "lexer.h"

#include <bit>
#include <cctype>
#include <cstdlib>
#include <string>

#include "module.h"

namespace halyard::simulator {
namespace {

bool is_word_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%';
}
bool is_word_part(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    tokens.reserve(text_.size() / 4);
    while (true) {
      skip_space();
      tokens.push_back(next());
      if (tokens.back().kind == Token::Kind::end) return tokens;
    }
  }

 private:
  char at(std::size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }

  void skip_space() {
    while (position_ < text_.size()) {
      const char c = at();
      if (c == '\n') ++line_;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0') {
        ++position_;
      } else if (c == '/' && at(1) == '/') {
        while (position_ < text_.size() && at() != '\n') ++position_;
      } else if (c == '/' && at(1) == '*') {
        for (position_ += 2; position_ < text_.size() && !(at() == '*' && at(1) == '/'); ++position_)
          if (at() == '\n') ++line_;
        position_ += 2;
      } else {
        return;
      }
    }
  }

  Token make(Token::Kind kind, std::size_t begin) const {
    return {kind, text_.substr(begin, position_ - begin), 0, line_, false};
  }

  Token next() {
    if (position_ >= text_.size()) return {Token::Kind::end, "", 0, line_, false};
    const std::size_t begin = position_;
    const char c = at();
    if (is_word_start(c) || (c == '.' && is_word_start(at(1)))) {
      if (c == '.') ++position_;
      word(c != '.');
      return make(c == '.' ? Token::Kind::directive : Token::Kind::word, begin);
    }
    if (std::isdigit(static_cast<unsigned char>(c))) return number();
    if (c == '"') {
      for (++position_; position_ < text_.size() && at() != '"'; ++position_)
        if (at() == '\\') ++position_;
      ++position_;
      return make(Token::Kind::string, begin);
    }
    ++position_;
    return make(Token::Kind::sign, begin);
  }

  /// Double colons inside belong to it, and dots unless it is a directive: `ld.shared::cta.v2.u32`, `%tid.x`; but
  /// `.reg.b16` are two.
  void word(bool has_dots) {
    while (true) {
      while (is_word_part(at())) ++position_;
      if (has_dots && at() == '.' && is_word_part(at(1))) {
        ++position_;
      } else if (at() == ':' && at(1) == ':' && is_word_part(at(2))) {
        position_ += 2;
      } else {
        return;
      }
    }
  }

  Token number() {
    const std::size_t begin = position_;
    if (at() == '0' && (at(1) == 'f' || at(1) == 'F' || at(1) == 'd' || at(1) == 'D')) {
      const bool is_double = at(1) == 'd' || at(1) == 'D';
      position_ += 2;
      const std::size_t digits = position_;
      while (std::isxdigit(static_cast<unsigned char>(at()))) ++position_;
      if (position_ - digits != (is_double ? 16u : 8u))
        throw PtxError(line_, "a floating-point number with a wrong number of digits");
      Token token = make(is_double ? Token::Kind::float64 : Token::Kind::float32, begin);
      token.bits = std::strtoull(std::string(token.text.substr(2)).c_str(), nullptr, 16);
      return token;
    }
    bool is_decimal_float = false;
    if (at() == '0' && (at(1) == 'x' || at(1) == 'X')) {
      position_ += 2;
      while (std::isxdigit(static_cast<unsigned char>(at()))) ++position_;
    } else {
      while (std::isdigit(static_cast<unsigned char>(at()))) ++position_;
      if (at() == '.' && std::isdigit(static_cast<unsigned char>(at(1)))) {
        is_decimal_float = true;
        ++position_;
        while (std::isdigit(static_cast<unsigned char>(at()))) ++position_;
      }
      if ((at() == 'e' || at() == 'E') && is_decimal_float) {
        ++position_;
        if (at() == '+' || at() == '-') ++position_;
        while (std::isdigit(static_cast<unsigned char>(at()))) ++position_;
      }
    }
    Token token = make(is_decimal_float ? Token::Kind::float64 : Token::Kind::integer, begin);
    const std::string digits(token.text);
    if (is_decimal_float) {
      token.bits = std::bit_cast<std::uint64_t>(std::strtod(digits.c_str(), nullptr));
    } else {
      const bool is_binary = digits.size() > 2 && (digits[1] == 'b' || digits[1] == 'B');
      token.bits = std::strtoull(digits.c_str() + (is_binary ? 2 : 0), nullptr, is_binary ? 2 : 0);
      if (at() == 'U') token.is_unsigned = true, ++position_;
    }
    return token;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace halyard::simulator
