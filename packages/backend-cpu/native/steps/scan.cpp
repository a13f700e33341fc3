#include "scan.h"

#include "empty.h"
#include "held_value.h"
#include "line_kernel.h"

namespace halyard::cpu {
namespace {

class ScanKernel : public LineKernel {
 public:
  ScanKernel(Lines lines, const Step& step)
      : LineKernel(std::move(lines)),
        exclusive_(step.attributes.boolean("exclusive")),
        reversed_(step.attributes.boolean("reversed")) {
    const std::string combine = step.attributes.text("combine");
    combine_ = combine == "sum"       ? Combine::sum
               : combine == "product" ? Combine::product
               : combine == "min"     ? Combine::min
                                      : Combine::max;
  }

  bool prepare(const CompileContext& context, const Step& step) {
    const Type element = element_type(context.program, *step.inputs[0]);
    const Type held = is_float(element) ? Type::float32 : element;
    return LineKernel::prepare(context, step, held, {held});
  }

  Description describe() const override {
    return {"scan", {}, lines().across() ? "lines lie in memory" : "neighbours belong to other lines"};
  }

 private:
  void work(std::byte* read, std::byte* const*, std::byte*, std::int64_t width) const override {
    visit_held(type(), [&](auto as) { accumulate<decltype(as)>(read, width); });
  }

  template <typename As>
  void accumulate(std::byte* buffer, std::int64_t width) const {
    using Value = typename As::Value;
    auto* values = reinterpret_cast<Value*>(buffer);
    const std::int64_t length = lines().length();
    const std::int64_t line_stride = lines().across() ? length : 1;
    const std::int64_t place_stride = lines().across() ? 1 : width;
    for (std::int64_t line = 0; line < width; line++) {
      Value running = identity<Value>(combine_, type());
      for (std::int64_t i = 0; i < length; i++) {
        Value& value = values[line * line_stride + (reversed_ ? length - 1 - i : i) * place_stride];
        const Value next = narrowed(type(), combined(combine_, running, value));
        value = exclusive_ ? running : next;
        running = next;
      }
    }
  }

  Combine combine_ = Combine::sum;
  bool exclusive_;
  bool reversed_;
};

}  // namespace

std::unique_ptr<StepKernel> make_scan(const CompileContext& context, const Step& step) {
  Lines lines(*step.inputs[0], {step.attributes.integer("axis")}, 64);
  if (lines.empty()) return std::make_unique<EmptyKernel>();
  auto kernel = std::make_unique<ScanKernel>(std::move(lines), step);
  if (!kernel->prepare(context, step)) return nullptr;
  return kernel;
}

}  // namespace halyard::cpu
