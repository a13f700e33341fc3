#include "normalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../execution/configuration.h"
#include "empty.h"
#include "line_kernel.h"
#include "long_softmax.h"

namespace halyard::cpu {
namespace {

enum class Form { softmax, log_softmax, layer, rms };

class NormalizeKernel : public LineKernel {
 public:
  NormalizeKernel(Lines lines, Form form, float epsilon, std::int64_t group_elements, const CompileContext& context)
      : LineKernel(std::move(lines)),
        form_(form),
        epsilon_(epsilon),
        group_elements_(group_elements),
        split_elements_(configured(context.configuration, knobs::split_elements)),
        rows_(row_kernels_of(context.level)),
        expression_(expression_kernels_of(context.level)) {}

  bool prepare(const CompileContext& context, const Step& step) {
    return LineKernel::prepare(context, step, Type::float32, {Type::float32});
  }

  Description describe() const override {
    Description description{"normalize", {}, lines().across() ? "lines lie in memory" : "neighbours belong to other lines"};
    report(description.configuration, knobs::group_elements, group_elements_);
    report(description.configuration, knobs::split_elements, split_elements_);
    description.configuration.set("lines", lines().across() ? std::string("rows") : std::string("columns"));
    description.configuration.set("together", static_cast<double>(lines().group_width()));
    return description;
  }

 private:
  void work(std::byte* read, std::byte* const*, std::byte*, std::int64_t width) const override {
    auto* buffer = reinterpret_cast<float*>(read);
    if (!lines().across()) return normalize_columns(buffer, width);
    for (std::int64_t line = 0; line < width; line++) normalize_row(buffer + line * lines().length());
  }

  void normalize_row(float* row) const {
    const std::int64_t count = lines().length();
    const auto length = static_cast<float>(count);
    switch (form_) {
      case Form::softmax: {
        const float sum = rows_.exponentials(row, count, rows_.greatest(row, count));
        rows_.shift_and_scale(row, count, 0, 1 / sum);
        return;
      }
      case Form::log_softmax: {
        const float greatest = rows_.greatest(row, count);
        // Against an infinity nothing else counts.
        const float shift = std::isinf(greatest) ? 0 : std::log(rows_.sum_of_exponentials(row, count, greatest));
        rows_.shift_and_scale(row, count, greatest, 1);
        rows_.shift_and_scale(row, count, shift, 1);
        return;
      }
      case Form::layer: {
        const float mean = rows_.sum(row, count) / length;
        const float variance = rows_.sum_of_squares(row, count, mean) / length;
        if (!std::isfinite(variance)) return normalize_wide(row, 1);
        rows_.shift_and_scale(row, count, mean, 1 / std::sqrt(variance + epsilon_));
        return;
      }
      case Form::rms: {
        const float squares = rows_.sum_of_squares(row, count, 0) / length;
        if (!std::isfinite(squares)) return normalize_wide(row, 1);
        rows_.shift_and_scale(row, count, 0, 1 / std::sqrt(squares + epsilon_));
        return;
      }
    }
  }

  /// The same for `width` lines side by side: [place][line].
  void normalize_columns(float* buffer, std::int64_t width) const {
    alignas(64) float shift[128] = {};
    alignas(64) float sum[128] = {};
    const std::int64_t count = lines().length();
    auto each = [&](auto visit) {
      for (std::int64_t place = 0; place < count; place++)
        for (std::int64_t line = 0; line < width; line++) visit(buffer[place * width + line], line);
    };
    const auto length = static_cast<float>(count);
    if (form_ == Form::softmax || form_ == Form::log_softmax) {
      for (std::int64_t line = 0; line < width; line++) shift[line] = -std::numeric_limits<float>::infinity();
      each([&](float& x, std::int64_t line) { shift[line] = x > shift[line] || x != x ? x : shift[line]; });
      each([&](float& x, std::int64_t line) { x -= shift[line]; });
      if (form_ == Form::log_softmax) {
        each([&](float& x, std::int64_t line) { sum[line] += std::exp(x); });
        for (std::int64_t line = 0; line < width; line++) sum[line] = std::isinf(shift[line]) ? 0 : std::log(sum[line]);
        each([&](float& x, std::int64_t line) { x -= sum[line]; });
        return;
      }
      exponentials(buffer, count * width);
      each([&](float& x, std::int64_t line) { sum[line] += x; });
      for (std::int64_t line = 0; line < width; line++) sum[line] = 1 / sum[line];
      each([&](float& x, std::int64_t line) { x *= sum[line]; });
      return;
    }
    if (form_ == Form::layer) {
      each([&](float& x, std::int64_t line) { shift[line] += x; });
      for (std::int64_t line = 0; line < width; line++) shift[line] /= length;
    }
    each([&](float& x, std::int64_t line) { sum[line] += (x - shift[line]) * (x - shift[line]); });
    for (std::int64_t line = 0; line < width; line++) {
      const bool overflown = !std::isfinite(sum[line]);
      if (overflown) normalize_wide(buffer + line, width);
      shift[line] = overflown ? 0 : shift[line];
      sum[line] = overflown ? 1 : 1 / std::sqrt(sum[line] / length + epsilon_);
    }
    each([&](float& x, std::int64_t line) { x = (x - shift[line]) * sum[line]; });
  }

  /// In double, for squares that float32 does not hold.
  void normalize_wide(float* values, std::int64_t stride) const {
    const std::int64_t count = lines().length();
    const auto length = static_cast<double>(count);
    double mean = 0;
    if (form_ == Form::layer) {
      for (std::int64_t i = 0; i < count; i++) mean += static_cast<double>(values[i * stride]);
      mean /= length;
    }
    double squares = 0;
    for (std::int64_t i = 0; i < count; i++) {
      const double distance = static_cast<double>(values[i * stride]) - mean;
      squares += distance * distance;
    }
    const double scale = std::sqrt(squares / length + static_cast<double>(epsilon_));
    for (std::int64_t i = 0; i < count; i++)
      values[i * stride] = static_cast<float>((static_cast<double>(values[i * stride]) - mean) / scale);
  }

  /// In place; the buffer has room for a whole last vector.
  void exponentials(float* buffer, std::int64_t count) const {
    const TileFunction function = expression_.find(ScalarOperator::exp, Type::float32, Type::float32, no_splat);
    function(buffer, buffer, nullptr, nullptr, static_cast<std::int32_t>(count));
  }

  Form form_;
  float epsilon_;
  std::int64_t group_elements_;
  std::int64_t split_elements_;
  const RowKernels& rows_;
  const ExpressionKernels& expression_;
};

}  // namespace

std::unique_ptr<StepKernel> make_normalize(const CompileContext& context, const Step& step) {
  const std::string name = step.attributes.text("form");
  Form form;
  if (name == "softmax")
    form = Form::softmax;
  else if (name == "logSoftmax")
    form = Form::log_softmax;
  else if (name == "layer")
    form = Form::layer;
  else if (name == "rms")
    form = Form::rms;
  else
    return context.refuse("form " + name + " is not known");
  const std::vector<std::int64_t> axes = step.attributes.integers("axes");
  std::int64_t length = 1;
  for (std::int64_t axis : axes) length *= step.inputs[0]->shape[static_cast<std::size_t>(axis)];
  const std::int64_t together = configured(context.configuration, knobs::group_elements);
  Lines lines(*step.inputs[0], axes, std::clamp<std::int64_t>(together / std::max<std::int64_t>(length, 1), 1, 128));
  if (lines.empty()) return std::make_unique<EmptyKernel>();
  if (form == Form::softmax || form == Form::log_softmax) {
    Lines single(*step.inputs[0], axes, 1);
    if (is_long_softmax(context, single))
      return make_long_softmax(context, step, std::move(single), form == Form::log_softmax);
  }
  auto kernel = std::make_unique<NormalizeKernel>(
      std::move(lines), form, static_cast<float>(step.attributes.number("epsilon")), together, context);
  if (!kernel->prepare(context, step)) return nullptr;
  return kernel;
}

}  // namespace halyard::cpu
