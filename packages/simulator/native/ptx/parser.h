#pragma once

#include <string>
#include <vector>

#include "lexer.h"
#include "syntax.h"

namespace halyard::simulator {

/// A position in the tokens, and what every parser asks of it.
class Cursor {
 public:
  explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(position_ + ahead, tokens_.size() - 1)]; }
  /// Fails at the end: whoever takes tokens until something comes, ends there.
  const Token& take();
  bool take_if(std::string_view text);
  void expect(std::string_view text);
  std::string expect_word();
  std::int64_t expect_integer();
  /// One that is from `least` to `most`.
  std::int64_t expect_integer(std::int64_t least, std::int64_t most);
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

/// How deep brackets may stand in one another: each level is a call.
constexpr int deepest_nesting = 100;
/// More than any hardware has of shared or local memory, and few enough to be added up in 32 bits.
constexpr std::int64_t most_variable_bytes = 1 << 28;

/// One level of brackets, for as long as it lives.
class Nesting {
 public:
  Nesting(const Cursor& cursor, int& depth) : depth_(depth) {
    if (++depth_ > deepest_nesting) cursor.fail("brackets that are nested too deeply");
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;

 private:
  int& depth_;
};

/// Bytes of a fundamental type (".f32" or "f32"); 0 if it is none.
std::uint32_t type_bytes(std::string_view type);

/// `.align 4 .b8 name[16]`, at the cursor; a parameter, local or shared variable. Unsized arrays have 0 bytes.
Variable parse_variable(Cursor& cursor);
/// A variable of .global or .const with its initial value, behind the space's name.
GlobalVariable parse_global(Cursor& cursor, bool is_constant);
/// From `{` to the matching `}`.
void parse_body(Cursor& cursor, FunctionSyntax& function, ModuleSyntax& module);

}  // namespace halyard::simulator
