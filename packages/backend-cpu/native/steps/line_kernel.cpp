#include "line_kernel.h"

#include <array>

namespace halyard::cpu {

bool LineKernel::prepare(const CompileContext& context, const Step& step, Type type, std::vector<Type> result_types) {
  type_ = type;
  result_types_ = std::move(result_types);
  TileSpecification reading;
  reading.domain = lines_.shape();
  reading.axes = lines_.axes();
  reading.operands = {&*step.inputs[0]};
  reading.result_type = type_;
  reader_ = TileProgram::compile(context, reading);
  if (!reader_) return false;
  TileSpecification writing;
  writing.domain = result_shape(step.outputs[0]);
  writing.axes = lines_.axes();
  writing.given = result_types_;
  writing.expression = step.epilogue ? &*step.epilogue : nullptr;
  writing.targets = targets_of(step);
  writer_ = TileProgram::compile(context, writing);
  return writer_ != nullptr;
}

std::size_t LineKernel::buffer_bytes(Type type) const {
  const auto elements = static_cast<std::size_t>(lines_.length() * lines_.group_width());
  return (elements * static_cast<std::size_t>(lane_bytes(lane_of(type))) + 191) / 64 * 64;
}

std::size_t LineKernel::thread_bytes() const {
  std::size_t bytes = buffer_bytes(type_) + (extra_bytes() + 63) / 64 * 64;
  for (Type result : result_types_) bytes += in_place() ? 0 : buffer_bytes(result);
  return bytes;
}

std::size_t LineKernel::scratch_bytes(int threads) const { return thread_bytes() * static_cast<std::size_t>(threads); }

void LineKernel::run(const Frame& frame, int, int thread, int threads) const {
  std::byte* read = scratch(frame) + thread_bytes() * static_cast<std::size_t>(thread);
  std::array<std::byte*, 2> results{read, nullptr};
  std::array<int, 2> bytes{};
  std::byte* next = read + buffer_bytes(type_);
  for (std::size_t i = 0; i < result_types_.size(); i++) {
    bytes[i] = lane_bytes(lane_of(result_types_[i]));
    if (in_place()) break;
    results[i] = next;
    next += buffer_bytes(result_types_[i]);
  }
  const Range range = split(lines_.groups(), thread, threads);
  Index index;
  for (std::int64_t group = range.begin; group < range.end; group++) {
    const std::int64_t width = lines_.begin(group, index);
    lines_.read(*reader_, frame, index, width, {0, lines_.length()}, read, lane_bytes(lane_of(type_)));
    work(read, results.data(), next, width);
    lines_.write(*writer_, frame, index, width, {0, result_places()}, results.data(), bytes.data());
  }
}

}  // namespace halyard::cpu
