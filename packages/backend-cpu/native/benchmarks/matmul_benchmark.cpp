// How fast the matmul kernels of this machine's level are on one core, beside what the core reads from memory. The best
// of many short runs: other work on the machine only ever adds time.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "../levels/level.h"
#include "../steps/float_product.h"
#include "../steps/kernel_choice.h"
#include "../steps/quantized_product.h"

namespace halyard::cpu {
namespace {

double best_seconds(const std::function<void(int)>& work) {
  double best = 1e9;
  const auto clock = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const double end = clock() + 0.4;
  for (int round = 0; round < 8 || clock() < end; round++) {
    const double start = clock();
    work(round);
    best = std::min(best, clock() - start);
  }
  return best;
}

struct Plain {
  float* to;
  std::int64_t stride;
  float* direct(std::int64_t row, std::int64_t column, std::int64_t& row_stride) const {
    row_stride = stride;
    return to + row * stride + column;
  }
  void store(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns, const float* results,
             std::int64_t, std::int64_t row_stride) const {
    for (std::int64_t i = 0; i < rows; i++)
      std::copy_n(results + i * row_stride, columns, to + (row + i) * stride + column);
  }
};

/// Bytes per second of a plain read, a megabyte at a time out of 128.
double read_rate(const std::vector<std::byte>& memory) {
  constexpr std::size_t piece = 1 << 20;
  std::uint64_t sum = 0;
  const double seconds = best_seconds([&](int round) {
    const auto* from =
        reinterpret_cast<const std::uint64_t*>(memory.data() + static_cast<std::size_t>(round % 120) * piece);
    for (std::size_t i = 0; i < piece / 8; i++) sum += from[i];
  });
  volatile std::uint64_t keep = sum;
  (void)keep;
  return piece / seconds;
}

void measure_quantized(Level level, const std::vector<std::byte>& memory, BlockFormat format,
                       const char* name, std::int64_t m, std::int64_t n, std::int64_t k) {
  const QuantizedMatmulKernels& kernels = quantized_matmul_kernels(level, m);
  const QuantizedProduct product(kernels, format, m, n, k, 1);
  const std::int64_t bytes = packed_bytes({format, kernels.rows}, n, k);
  const int copies = static_cast<int>(std::max<std::int64_t>(1, (std::int64_t{120} << 20) / bytes));
  std::vector<float> x(static_cast<std::size_t>(m * k), 0.5f);
  std::vector<float> y(static_cast<std::size_t>(m * n));
  auto* scratch = static_cast<std::byte*>(std::aligned_alloc(64, (product.scratch_bytes(1) + 127) / 64 * 64));
  const auto row = [&](std::int64_t index, float*) { return x.data() + index * k; };
  const double seconds = best_seconds([&](int round) {
    const std::byte* weights[] = {memory.data() + round % copies * bytes};
    for (int stage = 0; stage < product.stages(); stage++)
      product.run(row, weights, Plain{y.data(), n}, scratch, stage, 0, 1);
  });
  std::free(scratch);
  std::printf("%-5s m %4lld n %5lld k %5lld  %7.1f GOP/s  %6.1f GB/s\n", name, static_cast<long long>(m),
              static_cast<long long>(n), static_cast<long long>(k), 2.0 * m * n * k / seconds / 1e9,
              bytes / seconds / 1e9);
}

void measure_float(const MatmulKernels& kernels, std::int64_t m, std::int64_t n, std::int64_t k) {
  const FloatProduct product(kernels, RightForm::packed, FloatForm::float32, m, n, k, 1, true);
  std::vector<float> a(static_cast<std::size_t>(m * k), 0.5f);
  std::vector<float> b(static_cast<std::size_t>(FloatProduct::packed_bytes(kernels, n, k) / 4), 0.25f);
  std::vector<float> c(static_cast<std::size_t>(m * n));
  const RightMatrix right{reinterpret_cast<const std::byte*>(b.data()), 0};
  auto* own =
      static_cast<std::byte*>(std::aligned_alloc(64, static_cast<std::size_t>(product.thread_bytes() + 127) / 64 * 64));
  const auto read = [](int, std::int64_t, std::int64_t, float*) {};
  const double seconds =
      best_seconds([&](int) { product.run(a.data(), k, &right, read, Plain{c.data(), n}, own, 0, 1); });
  std::free(own);
  std::printf("f32   m %4lld n %5lld k %5lld  %7.1f GFLOP/s\n", static_cast<long long>(m), static_cast<long long>(n),
              static_cast<long long>(k), 2.0 * m * n * k / seconds / 1e9);
}

}  // namespace
}  // namespace halyard::cpu

int main() {
  using namespace halyard::cpu;
  const Level level = effective_level();
  const std::vector<std::byte> memory(std::size_t{128} << 20, std::byte{17});
  std::printf("level %s, read %.1f GB/s\n", std::string(name_of(level)).c_str(), read_rate(memory) / 1e9);
  for (std::int64_t m : {1, 8, 32, 128}) {
    measure_quantized(level, memory, BlockFormat::q4_1, "q4_1", m, 3072, 576);
    measure_quantized(level, memory, BlockFormat::q4_1, "q4_1", m, 576, 1536);
  }
  measure_quantized(level, memory, BlockFormat::q8_0, "q8_0", 1, 49152, 576);
  measure_quantized(level, memory, BlockFormat::q8_0, "q8_0", 128, 3072, 576);
  measure_quantized(level, memory, BlockFormat::q4_k, "q4_k", 128, 3072, 768);
  measure_quantized(level, memory, BlockFormat::q6_k, "q6_k", 128, 3072, 768);
  for (std::int64_t m : {1, 8, 128, 1024}) measure_float(matmul_kernels(level), m, 1024, 1024);
}
