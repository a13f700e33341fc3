#include "reduce_line.h"

#include <cmath>
#include <cstring>

#include "lines.h"

namespace halyard::cpu {
namespace {

template <typename As>
typename As::Value& value_of(LineState& state) {
  return *reinterpret_cast<typename As::Value*>(&state.wide);
}

template <typename As>
typename As::Value value_of(const LineState& state) {
  typename As::Value value;
  std::memcpy(&value, &state.wide, sizeof(value));
  return value;
}

/// Whether x takes the place of best: the first of equals stays, a NaN beats all and stays.
template <typename T>
bool beats(Combine combine, T x, T best) {
  if (best != best) return false;
  return x != x || (combine == Combine::max ? x > best : x < best);
}

/// Σ exp, seen from a greatest that may grow.
void add_exponential(LineState& state, float x) {
  if (x == state.number && std::isinf(x)) return;
  if (x > state.number || x != x) {
    state.sum *= std::exp(static_cast<double>(state.number) - static_cast<double>(x));
    state.number = x;
  }
  if (!std::isinf(state.number)) state.sum += std::exp(static_cast<double>(x) - static_cast<double>(state.number));
}

}  // namespace

std::optional<LineReduction> LineReduction::make(const CompileContext& context, const Step& step, Type element) {
  LineReduction reduction;
  reduction.rows_ = &row_kernels_of(context.level);
  const std::string combine = step.attributes.text("combine");
  const std::string accumulate = step.attributes.text("accumulate");
  reduction.type_ = element;
  for (int type = 0; type < type_count; type++)
    if (type_layouts[type].name == accumulate) reduction.type_ = static_cast<Type>(type);
  reduction.result_type_ = reduction.type_;
  if (combine == "sum") {
    reduction.combine_ = Combine::sum;
  } else if (combine == "product") {
    reduction.combine_ = Combine::product;
  } else if (combine == "min") {
    reduction.combine_ = Combine::min;
  } else if (combine == "max") {
    reduction.combine_ = Combine::max;
  } else if (combine == "logSumExp") {
    reduction.kind_ = Kind::log_sum;
    if (!is_float(reduction.type_)) {
      context.refuse("logSumExp accumulates in a float");
      return std::nullopt;
    }
  } else if (combine == "argMin" || combine == "argMax") {
    reduction.kind_ = Kind::place;
    reduction.combine_ = combine == "argMin" ? Combine::min : Combine::max;
    reduction.type_ = element;
    const bool wide = context.program.type_of(step.outputs[0]) == Type::int64;
    reduction.result_type_ = wide ? Type::int64 : Type::int32;
  } else {
    context.refuse("combine " + combine + " is not known");
    return std::nullopt;
  }
  constexpr ScalarOperator operators[] = {ScalarOperator::add, ScalarOperator::mul, ScalarOperator::min,
                                          ScalarOperator::max};
  reduction.join_rows_ = expression_kernels_of(context.level)
                             .find(operators[static_cast<int>(reduction.combine_)], Type::float32, Type::float32, no_splat);
  // Floats are held as float32 whatever they are stored as.
  if (is_float(reduction.type_)) reduction.type_ = Type::float32;
  if (is_float(reduction.result_type_)) reduction.result_type_ = Type::float32;
  return reduction;
}

void LineReduction::begin(LineState* states, std::int64_t lines) const {
  for (std::int64_t line = 0; line < lines; line++) {
    LineState& state = states[line];
    state.wide = 0;
    state.place = 0;
    if (kind_ == Kind::log_sum) {
      state.number = -std::numeric_limits<float>::infinity();
      state.sum = 0;
    } else if (kind_ == Kind::place) {
      state.place = -1;
    } else {
      visit_held(type_, [&](auto as) {
        using As = decltype(as);
        value_of<As>(state) = identity<typename As::Value>(combine_, type_);
      });
    }
  }
}

template <typename As>
void LineReduction::take(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places,
                         std::int64_t place, std::int64_t line_stride, std::int64_t place_stride) const {
  using Value = typename As::Value;
  const auto* values = reinterpret_cast<const Value*>(tile);
  for (std::int64_t i = 0; i < places; i++) {
    for (std::int64_t line = 0; line < lines; line++) {
      const Value x = values[line * line_stride + i * place_stride];
      LineState& state = states[line];
      if (kind_ == Kind::fold) {
        value_of<As>(state) = combined(combine_, value_of<As>(state), x);
      } else if (state.place < 0 || beats(combine_, x, value_of<As>(state))) {
        value_of<As>(state) = x;
        state.place = place + i;
      }
    }
  }
}

void LineReduction::take_float_rows(LineState* states, const float* tile, std::int64_t lines,
                                    std::int64_t places) const {
  for (std::int64_t line = 0; line < lines; line++) {
    const float* row = tile + line * places;
    float part = 0;
    switch (combine_) {
      case Combine::sum:
        part = rows_->sum(row, places);
        break;
      case Combine::product:
        part = rows_->product(row, places);
        break;
      case Combine::min:
        part = rows_->least(row, places);
        break;
      case Combine::max:
        part = rows_->greatest(row, places);
        break;
    }
    states[line].number = combined(combine_, states[line].number, part);
  }
}

void LineReduction::take_rows(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places,
                              std::int64_t place) const {
  const auto* floats = reinterpret_cast<const float*>(tile);
  if (kind_ == Kind::fold && type_ == Type::float32) {
    take_float_rows(states, floats, lines, places);
  } else if (kind_ == Kind::log_sum) {
    for (std::int64_t line = 0; line < lines; line++) {
      const float* row = floats + line * places;
      const float greatest = rows_->greatest(row, places);
      LineState part;
      part.number = greatest;
      part.sum = std::isfinite(greatest) ? static_cast<double>(rows_->sum_of_exponentials(row, places, greatest)) : 0;
      join(states + line, &part, 1);
    }
  } else if (kind_ == Kind::place && type_ == Type::float32) {
    // The extreme by vectors first, its place only where it is a better one.
    for (std::int64_t line = 0; line < lines; line++) {
      const float* row = floats + line * places;
      const float extreme = combine_ == Combine::max ? rows_->greatest(row, places) : rows_->least(row, places);
      if (states[line].place < 0 || beats(combine_, extreme, states[line].number))
        take<HeldAs<float, float>>(states + line, reinterpret_cast<const std::byte*>(row), 1, places, place, places, 1);
    }
  } else {
    visit_held(type_, [&](auto as) { take<decltype(as)>(states, tile, lines, places, place, places, 1); });
  }
}

void LineReduction::take_columns(LineState* states, const std::byte* tile, std::int64_t lines, std::int64_t places,
                                 std::int64_t place) const {
  if (kind_ == Kind::log_sum) {
    const auto* floats = reinterpret_cast<const float*>(tile);
    for (std::int64_t i = 0; i < places; i++)
      for (std::int64_t line = 0; line < lines; line++) add_exponential(states[line], floats[i * lines + line]);
    return;
  }
  if (kind_ == Kind::fold && type_ == Type::float32) {
    // Row after row onto one array; both have room for a whole last vector.
    alignas(64) float running[128] = {};
    const auto* floats = reinterpret_cast<const float*>(tile);
    for (std::int64_t line = 0; line < lines; line++) running[line] = states[line].number;
    for (std::int64_t i = 0; i < places; i++)
      join_rows_(running, running, floats + i * lines, nullptr, static_cast<std::int32_t>(lines));
    for (std::int64_t line = 0; line < lines; line++) states[line].number = running[line];
    return;
  }
  visit_held(type_, [&](auto as) { take<decltype(as)>(states, tile, lines, places, place, 1, lines); });
}

void LineReduction::join(LineState* states, const LineState* later, std::int64_t lines) const {
  for (std::int64_t line = 0; line < lines; line++) {
    LineState& state = states[line];
    const LineState& other = later[line];
    if (kind_ == Kind::log_sum) {
      if (other.number != other.number || state.number != state.number) {
        state.number = std::numeric_limits<float>::quiet_NaN();
        continue;
      }
      const float greatest = std::fmax(state.number, other.number);
      if (std::isfinite(greatest)) {
        const double shift = greatest;
        state.sum = state.sum * std::exp(static_cast<double>(state.number) - shift) +
                    other.sum * std::exp(static_cast<double>(other.number) - shift);
      }
      state.number = greatest;
      continue;
    }
    visit_held(type_, [&](auto as) {
      using As = decltype(as);
      const auto x = value_of<As>(other);
      if (kind_ == Kind::fold) {
        value_of<As>(state) = combined(combine_, value_of<As>(state), x);
      } else if (other.place >= 0 && (state.place < 0 || beats(combine_, x, value_of<As>(state)))) {
        value_of<As>(state) = x;
        state.place = other.place;
      }
    });
  }
}

void LineReduction::finish(const LineState* states, std::int64_t lines, std::byte* results) const {
  for (std::int64_t line = 0; line < lines; line++) {
    const LineState& state = states[line];
    if (kind_ == Kind::place) {
      if (result_type_ == Type::int64)
        reinterpret_cast<std::int64_t*>(results)[line] = state.place;
      else
        reinterpret_cast<std::int32_t*>(results)[line] = static_cast<std::int32_t>(state.place);
    } else if (kind_ == Kind::log_sum) {
      const double sum = std::isfinite(state.number) ? std::log(state.sum) : 0;
      reinterpret_cast<float*>(results)[line] = static_cast<float>(static_cast<double>(state.number) + sum);
    } else {
      visit_held(type_, [&](auto as) {
        using As = decltype(as);
        reinterpret_cast<typename As::Value*>(results)[line] = narrowed(type_, value_of<As>(state));
      });
    }
  }
}

}  // namespace halyard::cpu
