#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace halyard {

/// The contract's HalyardError as data: a stable code and what was found, expected, and to be done.
struct Error {
  std::string code;
  std::string found;
  std::string expected;
  std::string remedy;
};

/// A value or the reason why there is none.
template <typename Value>
class Result {
 public:
  Result(Value value) : content_(std::move(value)) {}
  Result(Error error) : content_(std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  Value& value() { return std::get<0>(content_); }
  const Value& value() const { return std::get<0>(content_); }
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<Value, Error> content_;
};

/// Nothing, or what went wrong.
using Failure = std::optional<Error>;

}  // namespace halyard
