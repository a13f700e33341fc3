#include <bit>
#include <cstring>

#include "parser.h"

namespace halyard::simulator {

bool Cursor::take_if(std::string_view text) {
  if (!peek().is(text)) return false;
  take();
  return true;
}

void Cursor::expect(std::string_view text) {
  if (!take_if(text)) fail("expected '" + std::string(text) + "', found '" + std::string(peek().text) + "'");
}

std::string Cursor::expect_word() {
  if (peek().kind != Token::Kind::word) fail("expected a name, found '" + std::string(peek().text) + "'");
  return std::string(take().text);
}

std::int64_t Cursor::expect_integer() {
  const bool negative = take_if("-");
  if (peek().kind != Token::Kind::integer) fail("expected a number, found '" + std::string(peek().text) + "'");
  const auto value = static_cast<std::int64_t>(take().bits);
  return negative ? -value : value;
}

std::int64_t Cursor::expect_integer(std::int64_t least, std::int64_t most) {
  const std::int64_t value = expect_integer();
  if (value >= least && value <= most) return value;
  fail("expected a number from " + std::to_string(least) + " to " + std::to_string(most) + ", found " +
       std::to_string(value));
}

const Token& Cursor::take() {
  if (peek().kind == Token::Kind::end) fail("the text ends too early");
  return tokens_[position_++];
}

void Cursor::fail(const std::string& message) const {
  throw PtxError(peek().line, message);
}

std::uint32_t type_bytes(std::string_view type) {
  if (!type.empty() && type[0] == '.') type.remove_prefix(1);
  if (type == "b8" || type == "u8" || type == "s8") return 1;
  if (type == "b16" || type == "u16" || type == "s16" || type == "f16" || type == "bf16") return 2;
  if (type == "b32" || type == "u32" || type == "s32" || type == "f32" || type == "f16x2" || type == "bf16x2") return 4;
  if (type == "b64" || type == "u64" || type == "s64" || type == "f64") return 8;
  if (type == "b128") return 16;
  return 0;
}

namespace {

constexpr std::int64_t most_alignment = 1 << 16;
/// Far more than any device has memory for, and few enough for 64 bits when each has 16 bytes.
constexpr std::int64_t most_elements = std::int64_t{1} << 48;

struct Declaration {
  std::string name;
  std::uint32_t element_bytes = 0;
  std::uint32_t alignment = 0;
  std::uint64_t count = 1;
  bool is_unsized = false;
  bool is_float = false;
};

Declaration parse_declaration(Cursor& cursor) {
  Declaration result;
  while (cursor.peek().kind == Token::Kind::directive) {
    const Token token = cursor.take();
    if (token.is(".align")) {
      result.alignment = static_cast<std::uint32_t>(cursor.expect_integer(1, most_alignment));
      if (!std::has_single_bit(result.alignment)) cursor.fail("an alignment that is no power of two");
    } else if (token.is(".ptr") || token.is(".global") || token.is(".shared") || token.is(".const") ||
               token.is(".local") || token.is(".param")) {
      // What a pointer points to changes nothing here.
    } else if (token.is(".attribute")) {
      while (!cursor.take_if(")")) cursor.take();
    } else if (token.is(".v2") || token.is(".v4")) {
      result.count *= token.is(".v2") ? 2 : 4;
    } else if (const std::uint32_t bytes = type_bytes(token.text)) {
      result.element_bytes = bytes;
      result.is_float = token.text[1] == 'f';
    } else {
      cursor.fail("unknown variable attribute '" + std::string(token.text) + "'");
    }
  }
  if (result.element_bytes == 0) cursor.fail("a variable without a type");
  result.name = cursor.expect_word();
  while (cursor.take_if("[")) {
    if (cursor.take_if("]")) {
      result.is_unsized = true;
      continue;
    }
    result.count *= static_cast<std::uint64_t>(cursor.expect_integer(0, most_elements));
    if (result.count > most_elements) cursor.fail("an array that is too large");
    cursor.expect("]");
  }
  if (result.alignment == 0) result.alignment = result.element_bytes;
  return result;
}

class InitializerParser {
 public:
  InitializerParser(Cursor& cursor, GlobalVariable& variable, std::uint32_t element_bytes, bool is_float)
      : cursor_(cursor), variable_(variable), element_bytes_(element_bytes), is_float_(is_float) {}

  void run() {
    const Nesting nesting(cursor_, depth_);
    if (!cursor_.take_if("{")) return element();
    while (!cursor_.take_if("}")) {
      run();
      cursor_.take_if(",");
    }
  }

 private:
  void put(std::uint64_t bits) {
    const std::size_t at = variable_.initial.size();
    if (at + element_bytes_ > most_variable_bytes) cursor_.fail("too many initial values");
    variable_.initial.resize(at + element_bytes_);
    std::memcpy(variable_.initial.data() + at, &bits, std::min<std::size_t>(element_bytes_, 8));
  }

  void element() {
    const Token& token = cursor_.peek();
    if (token.kind == Token::Kind::word) {
      bool is_generic = false;
      std::string name = cursor_.expect_word();
      if (name == "generic") {
        is_generic = true;
        cursor_.expect("(");
        name = cursor_.expect_word();
        cursor_.expect(")");
      }
      std::int64_t addend = 0;
      if (cursor_.take_if("+"))
        addend = cursor_.expect_integer();
      else if (cursor_.peek().is("-"))
        addend = cursor_.expect_integer();
      if (element_bytes_ != sizeof(std::uint64_t)) cursor_.fail("an address needs 8 bytes");
      variable_.references.push_back({variable_.initial.size(), name, addend, is_generic});
      return put(0);
    }
    const bool negative = cursor_.take_if("-");
    const Token number = cursor_.take();
    std::uint64_t bits = number.bits;
    if (number.kind == Token::Kind::integer) {
      if (negative) bits = ~bits + 1;
      if (is_float_) cursor_.fail("an integer where a floating-point value was expected");
    } else if (number.kind == Token::Kind::float64 || number.kind == Token::Kind::float32) {
      double value = number.kind == Token::Kind::float64 ? std::bit_cast<double>(bits)
                                                         : std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      if (negative) value = -value;
      bits = element_bytes_ == 8 ? std::bit_cast<std::uint64_t>(value)
                                 : std::bit_cast<std::uint32_t>(static_cast<float>(value));
    } else {
      cursor_.fail("'" + std::string(number.text) + "' in an initializer");
    }
    put(bits);
  }

  Cursor& cursor_;
  GlobalVariable& variable_;
  std::uint32_t element_bytes_;
  bool is_float_;
  int depth_ = 0;
};

}  // namespace

Variable parse_variable(Cursor& cursor) {
  const Declaration declaration = parse_declaration(cursor);
  Variable result;
  result.name = declaration.name;
  result.bytes = declaration.is_unsized ? 0 : declaration.count * declaration.element_bytes;
  if (result.bytes > most_variable_bytes) cursor.fail("'" + result.name + "' is too large");
  result.alignment = declaration.alignment;
  return result;
}

GlobalVariable parse_global(Cursor& cursor, bool is_constant) {
  const Declaration declaration = parse_declaration(cursor);
  GlobalVariable result;
  result.name = declaration.name;
  result.bytes = declaration.is_unsized ? 0 : declaration.count * declaration.element_bytes;
  result.alignment = declaration.alignment;
  result.is_constant = is_constant;
  if (cursor.take_if("=")) {
    InitializerParser(cursor, result, declaration.element_bytes, declaration.is_float).run();
    if (declaration.is_unsized) result.bytes = result.initial.size();
    if (result.initial.size() > result.bytes)
      cursor.fail("more initial values than '" + result.name + "' has room for");
  }
  return result;
}

}  // namespace halyard::simulator
