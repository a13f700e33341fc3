#include "sort.h"

#include <algorithm>
#include <numeric>

#include "empty.h"
#include "held_value.h"
#include "line_kernel.h"

namespace halyard::cpu {
namespace {

/// Whether x comes strictly before y. NaN is the largest.
template <typename T>
bool precedes(T x, T y, bool descending) {
  const T low = descending ? y : x;
  const T high = descending ? x : y;
  if (low != low) return false;
  return high != high || low < high;
}

/// Elements of a line that are looked at together, before any by itself.
constexpr std::int64_t chunk = 64;

/// Whether any of `chunk` elements comes strictly before y, which is not NaN if that is the largest and wanted first.
template <typename T>
bool any_precedes(const T* x, T y, bool descending) {
  int found = 0;
  if (descending) {
    for (std::int64_t i = 0; i < chunk; i++) found |= !(x[i] <= y);
  } else if (y != y) {
    for (std::int64_t i = 0; i < chunk; i++) found |= x[i] == x[i];
  } else {
    for (std::int64_t i = 0; i < chunk; i++) found |= x[i] < y;
  }
  return found != 0;
}

class SortKernel : public LineKernel {
 public:
  SortKernel(Lines lines, const Step& step)
      : LineKernel(std::move(lines)),
        count_(step.attributes.integer("count")),
        descending_(step.attributes.boolean("descending")) {}

  bool prepare(const CompileContext& context, const Step& step) {
    const Type element = element_type(context.program, *step.inputs[0]);
    const bool wide = step.outputs.size() > 1 && context.program.type_of(step.outputs[1]) == Type::int64;
    return LineKernel::prepare(context, step, is_float(element) ? Type::float32 : element,
                               {is_float(element) ? Type::float32 : element, wide ? Type::int64 : Type::int32});
  }

  Description describe() const override {
    const bool few = count_ * 4 < lines().length();
    Description description{"sort", {},
                            few ? "few are wanted: the rest is passed over" : "most are wanted: a whole sort"};
    description.configuration.set("algorithm", few ? std::string("selection") : std::string("sort"));
    return description;
  }

 private:
  void work(std::byte* read, std::byte* const* results, std::byte* extra, std::int64_t width) const override {
    auto* places = reinterpret_cast<std::int32_t*>(extra);
    visit_held(type(), [&](auto as) { sort_lines<decltype(as)>(read, results, places, width); });
  }
  std::size_t extra_bytes() const override { return static_cast<std::size_t>(lines().length()) * 4 + 256; }
  std::int64_t result_places() const override { return count_; }

  /// The first `count_` places of a line, in order. What does not come before the last of those already seen is passed
  /// over; what does is collected until there is much of it, and then only the first `count_` are kept. Places grow, so
  /// that of equals the later never takes the place of the earlier.
  template <typename Value, typename Before>
  void select(const Value* from, std::int64_t stride, std::int32_t* places, Before before) const {
    const std::int64_t length = lines().length();
    const std::int64_t room = std::min(length, std::max<std::int64_t>(4 * count_, 64));
    std::iota(places, places + room, 0);
    std::int64_t held = room;
    auto keep_first = [&] {
      std::nth_element(places, places + count_ - 1, places + held, before);
      held = count_;
      return from[places[count_ - 1] * stride];
    };
    Value last = keep_first();
    for (std::int64_t i = room; i < length;) {
      // Nothing comes before NaN where NaN comes first.
      if (descending_ && last != last) break;
      const std::int64_t end = std::min(length, i + chunk);
      if (stride == 1 && end - i == chunk && !any_precedes(from + i, last, descending_)) i = end;
      for (; i < end; i++) {
        if (!precedes(from[i * stride], last, descending_)) continue;
        places[held++] = static_cast<std::int32_t>(i);
        if (count_ == 1) {
          places[0] = places[1];
          held = 1;
          last = from[i * stride];
        } else if (held == room) {
          last = keep_first();
        }
      }
    }
    if (held > count_) keep_first();
    std::sort(places, places + count_, before);
  }

  template <typename As>
  void sort_lines(const std::byte* read, std::byte* const* buffers, std::int32_t* places, std::int64_t width) const {
    using Value = typename As::Value;
    const auto* values = reinterpret_cast<const Value*>(read);
    auto* sorted = reinterpret_cast<Value*>(buffers[0]);
    const std::int64_t length = lines().length();
    const std::int64_t line_stride = lines().across() ? length : 1;
    const std::int64_t place_stride = lines().across() ? 1 : width;
    for (std::int64_t line = 0; line < width; line++) {
      const Value* from = values + line * line_stride;
      auto before = [&](std::int32_t a, std::int32_t b) {
        const Value x = from[a * place_stride];
        const Value y = from[b * place_stride];
        if (precedes(x, y, descending_)) return true;
        return !precedes(y, x, descending_) && a < b;
      };
      if (count_ * 4 < length) {
        select(from, place_stride, places, before);
      } else {
        std::iota(places, places + length, 0);
        std::sort(places, places + length, before);
      }
      for (std::int64_t i = 0; i < count_; i++) {
        const std::int64_t at = line * line_stride + i * place_stride;
        sorted[at] = from[places[i] * place_stride];
        if (result_type(1) == Type::int64)
          reinterpret_cast<std::int64_t*>(buffers[1])[at] = places[i];
        else
          reinterpret_cast<std::int32_t*>(buffers[1])[at] = places[i];
      }
    }
  }

  std::int64_t count_;
  bool descending_;
};

}  // namespace

std::unique_ptr<StepKernel> make_sort(const CompileContext& context, const Step& step) {
  Lines lines(*step.inputs[0], {step.attributes.integer("axis")}, 16);
  if (lines.empty() || step.attributes.integer("count") == 0) return std::make_unique<EmptyKernel>();
  if (lines.length() > std::numeric_limits<std::int32_t>::max()) return context.refuse("an axis of 2^31 elements and more");
  auto kernel = std::make_unique<SortKernel>(std::move(lines), step);
  if (!kernel->prepare(context, step)) return nullptr;
  return kernel;
}

}  // namespace halyard::cpu
