#include "json.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace halyard::simulator {

const Json& Json::operator[](std::string_view name) const {
  static const Json nothing;
  const auto found = members_.find(name);
  return found == members_.end() ? nothing : found->second;
}

class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  Json document() {
    Json result = value(0);
    skip_space();
    if (at_ != text_.size()) fail("more text after the value");
    return result;
  }

 private:
  static constexpr int deepest = 64;

  [[noreturn]] void fail(const char* what) const {
    throw std::runtime_error("JSON, byte " + std::to_string(at_) + ": " + what);
  }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  char peek() {
    skip_space();
    if (at_ == text_.size()) fail("the text ends too early");
    return text_[at_];
  }
  void expect(char c) {
    if (peek() != c) fail("another character was expected");
    ++at_;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json value(int depth) {
    if (depth > deepest) fail("nested too deeply");
    Json result;
    const char c = peek();
    if (c == '{') return object(depth);
    if (c == '[') return array(depth);
    if (c == '"') {
      result.kind_ = Json::Kind::string;
      result.string_ = string();
    } else if (take("true") || take("false")) {
      result.kind_ = Json::Kind::boolean;
      result.number_ = text_[at_ - 2] == 'u';
    } else if (!take("null")) {
      result.kind_ = Json::Kind::number;
      const std::string rest(text_.substr(at_, 64));
      char* end = nullptr;
      result.number_ = std::strtod(rest.c_str(), &end);
      if (end == rest.c_str()) fail("no value");
      at_ += static_cast<std::size_t>(end - rest.c_str());
    }
    return result;
  }

  Json object(int depth) {
    Json result;
    result.kind_ = Json::Kind::object;
    expect('{');
    while (peek() != '}') {
      if (!result.members_.empty()) expect(',');
      if (peek() != '"') fail("a name was expected");
      std::string name = string();
      expect(':');
      result.members_[std::move(name)] = value(depth + 1);
    }
    ++at_;
    return result;
  }

  Json array(int depth) {
    Json result;
    result.kind_ = Json::Kind::array;
    expect('[');
    while (peek() != ']') {
      if (!result.array_.empty()) expect(',');
      result.array_.push_back(value(depth + 1));
    }
    ++at_;
    return result;
  }

  std::string string() {
    expect('"');
    std::string result;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\\') {
        if (at_ == text_.size()) break;
        c = text_[at_++];
        if (c == 'u') {
          append_code_point(result);
          continue;
        }
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
      }
      result += c;
    }
    expect('"');
    return result;
  }

  /// Of the basic plane; what lies beyond is written as UTF-8 itself.
  void append_code_point(std::string& out) {
    const std::string digits(text_.substr(at_, 4));
    char* end = nullptr;
    const unsigned long code = std::strtoul(digits.c_str(), &end, 16);
    if (digits.size() != 4 || *end != '\0') fail("no character code");
    at_ += 4;
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Json Json::parse(std::string_view text) { return JsonParser(text).document(); }

void JsonWriter::separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

void JsonWriter::quote(std::string_view text) {
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      text_ += escape;
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

JsonWriter& JsonWriter::begin(char bracket) {
  separate();
  text_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::name(std::string_view text) {
  separate();
  quote(text);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::value(bool is_true) {
  separate();
  text_ += is_true ? "true" : "false";
  return *this;
}

}  // namespace halyard::simulator
