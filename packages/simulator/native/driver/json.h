#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace halyard::simulator {

/// A JSON value, read-only. What is not there, or of another kind, reads as the fallback.
class Json {
 public:
  /// Throws std::runtime_error in words.
  static Json parse(std::string_view text);

  bool is_null() const { return kind_ == Kind::null; }
  bool is_object() const { return kind_ == Kind::object; }
  double number(double fallback) const { return kind_ == Kind::number ? number_ : fallback; }
  bool boolean(bool fallback) const { return kind_ == Kind::boolean ? number_ != 0 : fallback; }
  std::string string(const std::string& fallback) const { return kind_ == Kind::string ? string_ : fallback; }
  const std::vector<Json>& array() const { return array_; }
  const std::map<std::string, Json, std::less<>>& members() const { return members_; }
  bool has(std::string_view name) const { return members_.find(name) != members_.end(); }
  /// null for a member that is not there.
  const Json& operator[](std::string_view name) const;

 private:
  friend class JsonParser;
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind_ = Kind::null;
  double number_ = 0;
  std::string string_;
  std::vector<Json> array_;
  std::map<std::string, Json, std::less<>> members_;
};

/// Writes JSON text, with the commas.
class JsonWriter {
 public:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  JsonWriter& name(std::string_view text);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::uint32_t number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(bool is_true);
  template <typename T>
  JsonWriter& member(std::string_view text, const T& content) {
    return name(text).value(content);
  }
  const std::string& text() const { return text_; }

 private:
  void separate();
  void quote(std::string_view text);
  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace halyard::simulator
