#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "halyard/expression.h"
#include "halyard/types.h"
#include "halyard/view.h"

/// The contract's Program and all that is in it (`@halyard/core`, contract/), decoded and checked. Meanings, shapes and
/// attributes are written there.
namespace halyard {

/// A small typed map: attributes of a step, or a tuning configuration.
class Attributes {
 public:
  using Value = std::variant<double, bool, std::string, std::vector<double>>;

  void set(std::string name, Value value) { entries_.emplace_back(std::move(name), std::move(value)); }
  const Value* find(std::string_view name) const {
    for (const auto& [key, value] : entries_)
      if (key == name) return &value;
    return nullptr;
  }
  double number(std::string_view name, double otherwise = 0) const { return get<double>(name, otherwise); }
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const {
    const Value* value = find(name);
    const double* number = value ? std::get_if<double>(value) : nullptr;
    return number ? static_cast<std::int64_t>(*number) : otherwise;
  }
  bool boolean(std::string_view name, bool otherwise = false) const { return get<bool>(name, otherwise); }
  std::string text(std::string_view name, std::string otherwise = {}) const {
    return get<std::string>(name, std::move(otherwise));
  }
  std::vector<std::int64_t> integers(std::string_view name) const {
    std::vector<std::int64_t> result;
    const Value* value = find(name);
    if (const auto* list = value ? std::get_if<std::vector<double>>(value) : nullptr)
      for (double entry : *list) result.push_back(static_cast<std::int64_t>(entry));
    return result;
  }
  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }

 private:
  template <typename T>
  T get(std::string_view name, T otherwise) const {
    const Value* value = find(name);
    const T* typed = value ? std::get_if<T>(value) : nullptr;
    return typed ? *typed : otherwise;
  }

  std::vector<std::pair<std::string, Value>> entries_;
};

enum class Role : std::uint8_t { input, output, state, constant };

/// Memory that is handed to a program. `name` is the fingerprint of a constant.
struct Binding {
  Role role = Role::input;
  std::string name;
  std::int64_t bytes = 0;
};

/// A dense, row-major tensor in a binding, in the workspace, or (inside a composite) nowhere.
struct Tensor {
  static constexpr std::int32_t in_workspace = -1;
  static constexpr std::int32_t nowhere = -2;

  Type type = Type::float32;
  Extents shape;
  /// Index of a binding, `in_workspace` or `nowhere`.
  std::int32_t binding = in_workspace;
  /// Bytes from the start of the binding or workspace.
  std::int64_t offset = 0;
  /// Bytes of the whole tensor.
  std::int64_t bytes = 0;
};

/// `(q − zero_point) · scale`, one scale for each block.
struct Quantization {
  View scale;
  std::optional<View> zero_point;
  Extents block;
};

/// A view that a step reads.
struct Operand : View {
  std::optional<Expression> prologue;
  std::optional<Quantization> quantization;
};

/// Where a result goes; with `rows`, slice i along `axis` goes to slice `indices[i]`.
struct Target : View {
  struct Rows {
    int axis = 0;
    View indices;
  };
  std::optional<Rows> rows;
};

enum class StepKind : std::uint8_t {
  map,
  reduce,
  normalize,
  matmul,
  attention,
  gather,
  scatter,
  scan,
  sort,
  /// Anything else, by name; an addon may know it.
  other,
};

struct Step {
  StepKind kind = StepKind::map;
  std::string kind_name;
  std::vector<std::optional<Operand>> inputs;
  std::vector<Target> outputs;
  Attributes attributes;
  std::optional<Expression> epilogue;
  /// Steps to wait for; each is lower than the step's own index.
  std::vector<std::int32_t> after;
};

struct Program {
  std::uint32_t version_major = 1;
  std::uint32_t version_minor = 0;
  std::vector<Binding> bindings;
  std::vector<Tensor> tensors;
  std::vector<Step> steps;
  std::int64_t workspace_bytes = 0;
  /// One configuration for each step.
  std::vector<Attributes> tuning;

  const Tensor& tensor_of(const View& view) const { return tensors[static_cast<std::size_t>(view.tensor)]; }
  Type type_of(const View& view) const { return tensor_of(view).type; }
};

}  // namespace halyard
