#include "long_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../execution/configuration.h"

namespace halyard::cpu {
namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();

/// In three stages: the greatest of each part; exponentials and their sum; what is divided by the sum and written.
class LongSoftmaxKernel : public StepKernel {
 public:
  LongSoftmaxKernel(const CompileContext& context, Lines lines, bool logarithm)
      : lines_(std::move(lines)),
        logarithm_(logarithm),
        parts_(context.threads),
        split_elements_(configured(context.configuration, knobs::split_elements)),
        rows_(row_kernels_of(context.level)) {}

  bool prepare(const CompileContext& context, const Step& step) {
    TileSpecification reading;
    reading.domain = lines_.shape();
    reading.axes = lines_.axes();
    reading.operands = {&*step.inputs[0]};
    reader_ = TileProgram::compile(context, reading);
    if (!reader_) return false;
    TileSpecification writing;
    writing.domain = lines_.shape();
    writing.axes = lines_.axes();
    writing.given = {Type::float32};
    writing.expression = step.epilogue ? &*step.epilogue : nullptr;
    writing.targets = targets_of(step);
    writer_ = TileProgram::compile(context, writing);
    return writer_ != nullptr;
  }

  int stages() const override { return 3; }

  void run(const Frame& frame, int stage, int thread, int threads) const override {
    const Range items = split(lines_.groups() * parts_, thread, threads);
    for (std::int64_t item = items.begin; item < items.end; item++)
      run_part(frame, stage, item / parts_, static_cast<int>(item % parts_));
  }

  std::size_t scratch_bytes(int) const override {
    return (static_cast<std::size_t>(lines_.groups()) * line_floats() * 4 + 127) / 64 * 64;
  }

  Description describe() const override {
    Description description{"softmax-parts", {}, "few long lines: threads share each of them"};
    report(description.configuration, knobs::split_elements, split_elements_);
    description.configuration.set("parts", static_cast<double>(parts_));
    return description;
  }

 private:
  /// Of a group, which is one line here: its values, then the greatest and the sum of each part.
  std::size_t line_floats() const {
    return (static_cast<std::size_t>(lines_.length() + 2 * parts_) + 31) / 16 * 16;
  }

  void run_part(const Frame& frame, int stage, std::int64_t group, int part) const {
    float* values = reinterpret_cast<float*>(scratch(frame)) + static_cast<std::size_t>(group) * line_floats();
    float* greatest = values + lines_.length();
    float* sums = greatest + parts_;
    const Range places = split(lines_.length(), part, parts_, tile_elements);
    const std::int64_t count = places.end - places.begin;
    float* own = values + places.begin;
    Index index;
    lines_.begin(group, index);
    if (stage == 0) {
      auto* bytes = reinterpret_cast<std::byte*>(values);
      lines_.read(*reader_, frame, index, 1, places, bytes, 4);
      greatest[part] = count == 0 ? nothing : rows_.greatest(own, count);
      return;
    }
    const float shift = greatest_of(greatest);
    if (stage == 1) {
      sums[part] = 0;
      if (count > 0) sums[part] = logarithm_ ? rows_.sum_of_exponentials(own, count, shift)
                                             : rows_.exponentials(own, count, shift);
      return;
    }
    if (count == 0) return;
    float sum = 0;
    for (int i = 0; i < parts_; i++) sum += sums[i];
    if (logarithm_) {
      // Against an infinity nothing else counts.
      rows_.shift_and_scale(own, count, shift, 1);
      rows_.shift_and_scale(own, count, std::isinf(shift) ? 0 : std::log(sum), 1);
    } else {
      rows_.shift_and_scale(own, count, 0, 1 / sum);
    }
    constexpr int bytes = 4;
    auto* buffer = reinterpret_cast<std::byte*>(values);
    lines_.write(*writer_, frame, index, 1, places, &buffer, &bytes);
  }

  /// NaN wins.
  float greatest_of(const float* parts) const {
    float greatest = nothing;
    for (int i = 0; i < parts_; i++)
      if (!(parts[i] <= greatest) && greatest == greatest) greatest = parts[i];
    return greatest;
  }

  Lines lines_;
  bool logarithm_;
  int parts_;
  std::int64_t split_elements_;
  const RowKernels& rows_;
  std::unique_ptr<TileProgram> reader_;
  std::unique_ptr<TileProgram> writer_;
};

}  // namespace

bool is_long_softmax(const CompileContext& context, const Lines& lines) {
  return lines.across() && context.threads > 1 && lines.groups() < context.threads &&
         lines.length() >= configured(context.configuration, knobs::split_elements);
}

std::unique_ptr<StepKernel> make_long_softmax(const CompileContext& context, const Step& step, Lines lines,
                                              bool logarithm) {
  auto kernel = std::make_unique<LongSoftmaxKernel>(context, std::move(lines), logarithm);
  if (!kernel->prepare(context, step)) return nullptr;
  return kernel;
}

}  // namespace halyard::cpu
