#include "scan.h"

#include <algorithm>

#include "empty.h"
#include "held_value.h"
#include "lines.h"

namespace halyard::cpu {
namespace {

class ScanKernel : public StepKernel {
 public:
  static std::unique_ptr<StepKernel> make(const CompileContext& context, const Step& step, Lines lines) {
    auto kernel = std::make_unique<ScanKernel>(std::move(lines));
    const std::string combine = step.attributes.text("combine");
    kernel->combine_ = combine == "sum"       ? Combine::sum
                       : combine == "product" ? Combine::product
                       : combine == "min"     ? Combine::min
                                              : Combine::max;
    kernel->exclusive_ = step.attributes.boolean("exclusive");
    kernel->reversed_ = step.attributes.boolean("reversed");
    const Type type = element_type(context.program, *step.inputs[0]);
    kernel->type_ = is_float(type) ? Type::float32 : type;
    TileSpecification reading;
    reading.domain = kernel->lines_.shape();
    reading.axes = kernel->lines_.axes();
    reading.operands = {&*step.inputs[0]};
    reading.result_type = kernel->type_;
    kernel->reader_ = TileProgram::compile(context, reading);
    if (!kernel->reader_) return nullptr;
    TileSpecification writing;
    writing.domain = kernel->lines_.shape();
    writing.axes = kernel->lines_.axes();
    writing.given = {kernel->type_};
    writing.expression = step.epilogue ? &*step.epilogue : nullptr;
    writing.targets = targets_of(step);
    kernel->writer_ = TileProgram::compile(context, writing);
    if (!kernel->writer_) return nullptr;
    return kernel;
  }

  explicit ScanKernel(Lines lines) : lines_(std::move(lines)) {}

  void run(const Frame& frame, int, int thread, int threads) const override {
    std::byte* own = scratch(frame) + thread_bytes() * static_cast<std::size_t>(thread);
    const int bytes = lane_bytes(lane_of(type_));
    const Range range = split(lines_.groups(), thread, threads);
    Index index;
    for (std::int64_t group = range.begin; group < range.end; group++) {
      const std::int64_t width = lines_.begin(group, index);
      lines_.read(*reader_, frame, index, width, own, bytes);
      visit_held(type_, [&](auto as) { accumulate<decltype(as)>(own, width); });
      lines_.write(*writer_, frame, index, width, &own, &bytes, lines_.length());
    }
  }

  std::size_t scratch_bytes(int threads) const override { return thread_bytes() * static_cast<std::size_t>(threads); }

  Description describe() const override {
    return {"scan", {}, lines_.across() ? "lines lie in memory" : "neighbours belong to other lines"};
  }

 private:
  std::size_t thread_bytes() const {
    return static_cast<std::size_t>(lines_.length() * lines_.group_width()) * 8 + 192;
  }

  template <typename As>
  void accumulate(std::byte* buffer, std::int64_t width) const {
    using Value = typename As::Value;
    auto* values = reinterpret_cast<Value*>(buffer);
    const std::int64_t length = lines_.length();
    const std::int64_t line_stride = lines_.across() ? length : 1;
    const std::int64_t place_stride = lines_.across() ? 1 : width;
    for (std::int64_t line = 0; line < width; line++) {
      Value running = identity<Value>(combine_, type_);
      for (std::int64_t i = 0; i < length; i++) {
        Value& value = values[line * line_stride + (reversed_ ? length - 1 - i : i) * place_stride];
        const Value next = narrowed(type_, combined(combine_, running, value));
        value = exclusive_ ? running : next;
        running = next;
      }
    }
  }

  Lines lines_;
  Combine combine_ = Combine::sum;
  bool exclusive_ = false;
  bool reversed_ = false;
  Type type_ = Type::float32;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
};

}  // namespace

std::unique_ptr<StepKernel> make_scan(const CompileContext& context, const Step& step) {
  Lines lines(*step.inputs[0], {step.attributes.integer("axis")}, 64);
  if (lines.empty()) return std::make_unique<EmptyKernel>();
  return ScanKernel::make(context, step, std::move(lines));
}

}  // namespace halyard::cpu
