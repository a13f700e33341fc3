#include "configuration.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace halyard::cpu {
namespace {

constexpr Knob map_knobs[] = {knobs::parallel_elements, knobs::tile_elements};
constexpr Knob reduce_knobs[] = {knobs::parallel_elements, knobs::split_elements};
constexpr Knob normalize_knobs[] = {knobs::parallel_elements, knobs::split_elements, knobs::group_elements};
// Which of both matmuls does a step, only its operands decide: a table may set the knobs of both.
constexpr Knob matmul_knobs[] = {knobs::parallel_elements, knobs::depth,        knobs::in_place_depth,
                                 knobs::row_group,         knobs::column_group, knobs::in_place_columns,
                                 knobs::panel_bytes,       knobs::expanded_bytes, knobs::activation_bytes,
                                 knobs::vector_columns};
constexpr Knob attention_knobs[] = {knobs::parallel_elements, knobs::key_block, knobs::query_rows, knobs::split_rows};
constexpr Knob other_knobs[] = {knobs::parallel_elements};

std::string text_of(const Attributes::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    const bool whole = *number == std::trunc(*number) && std::fabs(*number) < 1e15;
    return whole ? std::to_string(static_cast<std::int64_t>(*number)) : std::to_string(*number);
  }
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? '"' + *text + '"' : "no number";
}

bool is_allowed(const Knob& knob, const Attributes::Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr && *number >= static_cast<double>(knob.least) && *number <= static_cast<double>(knob.most) &&
         std::fmod(*number, static_cast<double>(knob.multiple)) == 0;
}

std::string range_of(const Knob& knob) {
  const std::string kind =
      knob.multiple == 1 ? "a whole number" : "a multiple of " + std::to_string(knob.multiple);
  return kind + " from " + std::to_string(knob.least) + " to " + std::to_string(knob.most);
}

Error bad_configuration(std::string found, std::string expected) {
  return {"bad-argument", std::move(found), std::move(expected),
          "Correct the tuning table, or make it anew with halyard tune."};
}

}  // namespace

std::span<const Knob> knobs_of(StepKind kind) {
  switch (kind) {
    case StepKind::map:
      return map_knobs;
    case StepKind::reduce:
      return reduce_knobs;
    case StepKind::normalize:
      return normalize_knobs;
    case StepKind::matmul:
      return matmul_knobs;
    case StepKind::attention:
      return attention_knobs;
    default:
      return other_knobs;
  }
}

Failure check_configuration(StepKind kind, std::string_view kind_name, const Attributes& given) {
  const std::span<const Knob> known = knobs_of(kind);
  for (const auto& [name, value] : given.entries()) {
    const std::string what = std::string(kind_name) + " configured with " + name + " " + text_of(value);
    const auto knob = std::find_if(known.begin(), known.end(), [&](const Knob& each) { return each.name == name; });
    if (knob == known.end()) {
      std::string names;
      for (const Knob& each : known) names += (names.empty() ? "" : ", ") + std::string(each.name);
      return bad_configuration(what, names);
    }
    if (!is_allowed(*knob, value)) return bad_configuration(what, range_of(*knob));
  }
  return std::nullopt;
}

std::int64_t configured(const Attributes& given, const Knob& knob) { return given.integer(knob.name, knob.otherwise); }

void report(Attributes& configuration, const Knob& knob, std::int64_t value) {
  configuration.set(std::string(knob.name), static_cast<double>(value));
}

}  // namespace halyard::cpu
