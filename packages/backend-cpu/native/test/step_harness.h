#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "../execution/step_kernel.h"
#include "../packing/layouts.h"
#include "../processor/processor.h"

namespace halyard::cpu::test {

inline int failures = 0;
inline int checks = 0;
inline std::mt19937 random_source(11);

inline void expect(bool holds, const std::string& what) {
  checks++;
  if (!holds && ++failures <= 20) std::fprintf(stderr, "failed: %s\n", what.c_str());
}

inline std::int64_t any(std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random_source);
}

/// A program of one step under construction, each tensor in a binding of its own, and the memory that it runs on.
class Harness {
 public:
  Program program;
  std::vector<std::vector<std::byte>> memory;

  int tensor(Type type, Extents shape, Role role) {
    std::int64_t rows = 1;
    for (std::size_t axis = 0; axis + 1 < shape.size(); axis++) rows *= shape[axis];
    const TypeLayout& layout = layout_of(type);
    const std::int64_t inner = shape.empty() ? 1 : shape.back();
    const std::int64_t bytes = rows * ((inner + layout.elements - 1) / layout.elements) * layout.bytes;
    program.bindings.push_back({role, "b" + std::to_string(memory.size()), bytes});
    program.tensors.push_back({type, std::move(shape), static_cast<std::int32_t>(memory.size()), 0, bytes});
    memory.emplace_back(static_cast<std::size_t>(bytes));
    return static_cast<int>(memory.size()) - 1;
  }

  float* floats(int tensor) { return reinterpret_cast<float*>(memory[static_cast<std::size_t>(tensor)].data()); }

  void fill(int tensor) {
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    const Tensor& what = program.tensors[static_cast<std::size_t>(tensor)];
    std::byte* to = memory[static_cast<std::size_t>(tensor)].data();
    for (std::int64_t i = 0; i < what.bytes / layout_of(what.type).bytes; i++) {
      const float value = uniform(random_source);
      std::uint32_t bits;
      std::memcpy(&bits, &value, 4);
      if (what.type == Type::float32) std::memcpy(to + 4 * i, &value, 4);
      const auto half = static_cast<std::uint16_t>(
          what.type == Type::float16 ? (bits >> 31 << 15) | (0x3000 + (bits & 0x7ff)) : bits >> 16);
      if (what.type == Type::float16 || what.type == Type::bfloat16) std::memcpy(to + 2 * i, &half, 2);
    }
  }

  /// The whole tensor.
  Operand whole(int tensor) const {
    Operand result;
    result.tensor = tensor;
    result.shape = program.tensors[static_cast<std::size_t>(tensor)].shape;
    result.strides.assign(result.shape.size(), 1);
    for (int axis = result.rank() - 2; axis >= 0; axis--) {
      const auto at = static_cast<std::size_t>(axis);
      result.strides[at] = result.strides[at + 1] * result.shape[at + 1];
    }
    return result;
  }

  static Target target(const View& view) {
    Target result;
    static_cast<View&>(result) = view;
    return result;
  }

  /// Compiles and runs the step as `threads` threads would, one after another within a stage.
  bool run(Factory make, const Step& step, int threads, Level level, std::string* kernel_name = nullptr) {
    PackedRequests requests;
    const Attributes configuration;
    std::string refusal;
    const CompileContext context{program, threads, level, this_processor(), requests, configuration, refusal};
    const std::unique_ptr<StepKernel> kernel = make(context, step);
    if (!kernel) {
      std::fprintf(stderr, "refused: %s\n", refusal.c_str());
      return false;
    }
    if (kernel_name != nullptr) *kernel_name = kernel->describe().kernel;
    std::vector<std::vector<std::byte>> packed;
    std::vector<const std::byte*> packed_addresses;
    for (const auto& request : requests.all()) {
      packed.emplace_back(request.bytes);
      std::vector<std::span<const std::byte>> sources;
      for (std::int32_t binding : request.bindings) sources.emplace_back(memory[static_cast<std::size_t>(binding)]);
      const Layout* layout = find_layout(request.layout);
      if (layout == nullptr || layout->pack(sources, request.layout, packed.back())) return false;
    }
    for (const auto& each : packed) packed_addresses.push_back(each.data());
    std::vector<std::byte*> bindings;
    for (auto& each : memory) bindings.push_back(each.data());
    std::byte* scratch =
        static_cast<std::byte*>(std::aligned_alloc(64, (kernel->scratch_bytes(threads) + 127) / 64 * 64));
    kernel->set_scratch_offset(0);
    const Frame frame{bindings.data(), nullptr, scratch, packed_addresses.data()};
    for (int stage = 0; stage < kernel->stages(); stage++) {
      for (int thread = 0; thread < threads; thread++) kernel->run(frame, stage, thread, threads);
    }
    std::free(scratch);
    return true;
  }
};

}  // namespace halyard::cpu::test
