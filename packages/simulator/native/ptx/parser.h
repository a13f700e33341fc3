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
  const Token& take() { return tokens_[position_ + 1 < tokens_.size() ? position_++ : position_]; }
  bool take_if(std::string_view text);
  void expect(std::string_view text);
  std::string expect_word();
  std::int64_t expect_integer();
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
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
