#include "sort.h"

#include <algorithm>
#include <numeric>

#include "empty.h"
#include "held_value.h"
#include "lines.h"

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

class SortKernel : public StepKernel {
 public:
  static std::unique_ptr<StepKernel> make(const CompileContext& context, const Step& step, Lines lines) {
    auto kernel = std::make_unique<SortKernel>(std::move(lines));
    kernel->count_ = step.attributes.integer("count");
    kernel->descending_ = step.attributes.boolean("descending");
    const Type type = element_type(context.program, *step.inputs[0]);
    kernel->type_ = is_float(type) ? Type::float32 : type;
    const bool wide = step.outputs.size() > 1 && context.program.type_of(step.outputs[1]) == Type::int64;
    kernel->index_type_ = wide ? Type::int64 : Type::int32;
    TileSpecification reading;
    reading.domain = kernel->lines_.shape();
    reading.axes = kernel->lines_.axes();
    reading.operands = {&*step.inputs[0]};
    reading.result_type = kernel->type_;
    kernel->reader_ = TileProgram::compile(context, reading);
    if (!kernel->reader_) return nullptr;
    TileSpecification writing;
    writing.domain = result_shape(step.outputs[0]);
    writing.axes = kernel->lines_.axes();
    writing.given = {kernel->type_, kernel->index_type_};
    writing.expression = step.epilogue ? &*step.epilogue : nullptr;
    writing.targets = targets_of(step);
    kernel->writer_ = TileProgram::compile(context, writing);
    if (!kernel->writer_) return nullptr;
    return kernel;
  }

  explicit SortKernel(Lines lines) : lines_(std::move(lines)) {}

  void run(const Frame& frame, int, int thread, int threads) const override {
    std::byte* own = scratch(frame) + 4 * buffer_bytes() * static_cast<std::size_t>(thread);
    std::byte* buffers[2] = {own + buffer_bytes(), own + 2 * buffer_bytes()};
    auto* places = reinterpret_cast<std::int32_t*>(own + 3 * buffer_bytes());
    const int bytes[2] = {lane_bytes(lane_of(type_)), lane_bytes(lane_of(index_type_))};
    const Range range = split(lines_.groups(), thread, threads);
    Index index;
    for (std::int64_t group = range.begin; group < range.end; group++) {
      const std::int64_t width = lines_.begin(group, index);
      lines_.read(*reader_, frame, index, width, own, bytes[0]);
      visit_held(type_, [&](auto as) { sort_lines<decltype(as)>(own, buffers, places, width); });
      lines_.write(*writer_, frame, index, width, buffers, bytes, count_);
    }
  }

  std::size_t scratch_bytes(int threads) const override {
    return 4 * buffer_bytes() * static_cast<std::size_t>(threads);
  }

  Description describe() const override {
    const bool few = count_ * 4 < lines_.length();
    Description description{"sort", {},
                            few ? "few are wanted: the rest is passed over" : "most are wanted: a whole sort"};
    description.configuration.set("algorithm", few ? std::string("selection") : std::string("sort"));
    return description;
  }

 private:
  std::size_t buffer_bytes() const {
    return (static_cast<std::size_t>(lines_.length() * lines_.group_width()) * 8 + 255) / 64 * 64;
  }

  /// The first `count_` places of a line, in order. What does not come before the last of those already seen is passed
  /// over; what does is collected until there is much of it, and then only the first `count_` are kept. Places grow, so
  /// that of equals the later never takes the place of the earlier.
  template <typename Value, typename Before>
  void select(const Value* from, std::int64_t stride, std::int32_t* places, Before before) const {
    const std::int64_t length = lines_.length();
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
    const std::int64_t length = lines_.length();
    const std::int64_t line_stride = lines_.across() ? length : 1;
    const std::int64_t place_stride = lines_.across() ? 1 : width;
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
        if (index_type_ == Type::int64)
          reinterpret_cast<std::int64_t*>(buffers[1])[at] = places[i];
        else
          reinterpret_cast<std::int32_t*>(buffers[1])[at] = places[i];
      }
    }
  }

  Lines lines_;
  std::int64_t count_ = 0;
  bool descending_ = false;
  Type type_ = Type::float32;
  Type index_type_ = Type::int32;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
};

}  // namespace

std::unique_ptr<StepKernel> make_sort(const CompileContext& context, const Step& step) {
  Lines lines(*step.inputs[0], {step.attributes.integer("axis")}, 16);
  if (lines.empty() || step.attributes.integer("count") == 0) return std::make_unique<EmptyKernel>();
  if (lines.length() > std::numeric_limits<std::int32_t>::max()) return context.refuse("an axis of 2^31 elements and more");
  return SortKernel::make(context, step, std::move(lines));
}

}  // namespace halyard::cpu
