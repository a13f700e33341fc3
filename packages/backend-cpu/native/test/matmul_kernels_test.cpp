// Every kernel table that this machine can run (or all of x86, where intrinsics are emulated) against sums in double.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../kernels/attention.h"
#include "../levels/level.h"
#include "../steps/float_element.h"
#include "../steps/float_product.h"
#include "../steps/quantized_product.h"

namespace halyard::cpu {
namespace {

int failures = 0;
int checks = 0;
std::mt19937 random_source(7);

void expect(bool holds, const std::string& what) {
  checks++;
  if (holds) return;
  if (++failures < 20) std::fprintf(stderr, "failed: %s\n", what.c_str());
}

std::vector<float> random_floats(std::int64_t count) {
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  std::vector<float> result(static_cast<std::size_t>(count));
  for (float& value : result) value = uniform(random_source);
  return result;
}

struct Plain {
  float* to;
  std::int64_t stride;
  std::int64_t apart;
  float* direct(std::int64_t row, std::int64_t column, std::int64_t& row_stride) const {
    row_stride = stride;
    return to + row * stride + column;
  }
  void store(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns, const float* results,
             std::int64_t between, std::int64_t row_stride) const {
    for (std::int64_t matrix = 0; matrix == 0 || (apart > 0 && matrix < 2); matrix++) {
      for (std::int64_t i = 0; i < rows; i++) {
        for (std::int64_t j = 0; j < columns; j++) {
          to[matrix * apart + (row + i) * stride + column + j] = results[matrix * between + i * row_stride + j];
        }
      }
    }
  }
};

/// Blocks of random quants whose scales are small halves.
std::vector<std::byte> random_blocks(BlockFormat format, std::int64_t n, std::int64_t k) {
  const auto [elements, bytes] = block_shape(format);
  std::vector<std::byte> result(static_cast<std::size_t>(n * k / elements * bytes));
  for (std::byte& each : result) each = static_cast<std::byte>(random_source());
  const auto half = [&](std::int64_t at, bool negative) {
    const std::uint16_t bits = static_cast<std::uint16_t>((negative ? 0x8000 : 0) | 0x2400 | (random_source() & 0x3ff));
    std::memcpy(&result[static_cast<std::size_t>(at)], &bits, 2);
  };
  for (std::int64_t block = 0; block < n * k / elements; block++) {
    const bool last = format == BlockFormat::q6_k;
    half(block * bytes + (last ? 208 : 0), false);
    if (format == BlockFormat::q4_1) half(block * bytes + 2, true);
    if (format == BlockFormat::q4_k) half(block * bytes + 2, false);
  }
  return result;
}

/// The most that rounding activations may change a product: half a step of each block.
struct Expected {
  double value;
  double tolerance;
};

Expected expected(const float* weights, const float* activations, std::int64_t k, double steps) {
  Expected result{0, 1e-12};
  for (std::int64_t block = 0; block < k; block += 32) {
    double largest = 0;
    double weight = 0;
    for (std::int64_t i = block; i < block + 32; i++) {
      largest = std::max(largest, std::fabs(static_cast<double>(activations[i])));
      weight += std::fabs(static_cast<double>(weights[i]));
      result.value += static_cast<double>(weights[i]) * activations[i];
    }
    result.tolerance += weight * largest * (0.5 / steps + 2e-6);
  }
  return result;
}

void check_quantized(const QuantizedMatmulKernels& kernels, BlockFormat format, std::int64_t m, std::int64_t n,
                     std::int64_t k, int results, int threads) {
  if (m == 1 && kernels.multiply_vector == nullptr) return;
  const std::int64_t row_bytes = k / block_shape(format).elements * block_shape(format).bytes;
  std::vector<std::vector<std::byte>> sources;
  std::vector<std::vector<std::byte>> packed;
  std::vector<const std::byte*> weights;
  for (int i = 0; i < results; i++) {
    sources.push_back(random_blocks(format, n, k));
    packed.emplace_back(static_cast<std::size_t>(packed_bytes({format, kernels.rows}, n, k) + 8192));
    pack_blocks({format, kernels.rows}, sources.back().data(), row_bytes, n, k, packed.back().data());
    weights.push_back(packed.back().data());
  }
  const std::vector<float> x = random_floats(m * k);
  std::vector<float> y(static_cast<std::size_t>(results * m * n), NAN);
  const QuantizedProduct product(kernels, format, m, n, k, results);
  auto* scratch = static_cast<std::byte*>(std::aligned_alloc(64, (product.scratch_bytes(threads) + 127) / 64 * 64));
  const auto row = [&](std::int64_t index, float*) { return x.data() + index * k; };
  for (int stage = 0; stage < product.stages(); stage++) {
    for (int thread = 0; thread < threads; thread++) {
      product.run(row, weights.data(), Plain{y.data(), n, results > 1 ? m * n : 0}, scratch, stage, thread, threads);
    }
  }
  std::free(scratch);
  const bool words = m == 1 || kernels.form[static_cast<int>(format)] == ActivationForm::words;
  std::vector<float> wide(static_cast<std::size_t>(k));
  for (int i = 0; i < results; i++) {
    for (std::int64_t column = 0; column < n; column++) {
      dequantize_row(format, sources[static_cast<std::size_t>(i)].data() + column * row_bytes, k, wide.data());
      for (std::int64_t line = 0; line < m; line++) {
        const Expected should = expected(wide.data(), x.data() + line * k, k, words ? 16256 : 127);
        const double is = y[static_cast<std::size_t>((i * m + line) * n + column)];
        expect(std::fabs(is - should.value) <= should.tolerance,
               std::string(kernels.name) + " format " + std::to_string(static_cast<int>(format)) + " " +
                   std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k) + " threads " +
                   std::to_string(threads) + ": " + std::to_string(is) + ", not " + std::to_string(should.value));
      }
    }
  }
}

void check_all_quantized(const QuantizedMatmulKernels& kernels) {
  for (int format = 0; format < block_format_count; format++) {
    const auto which = static_cast<BlockFormat>(format);
    const std::int64_t block = block_shape(which).elements;
    for (std::int64_t m = 1; m <= 33; m++)
      check_quantized(kernels, which, m, 1 + m * 7 % 41, block, 1, 1 + static_cast<int>(m % 3));
    for (std::int64_t k : {std::int64_t{0}, 3 * block, 1536 / block * block}) {
      for (std::int64_t m : {0, 1, 5, 50}) check_quantized(kernels, which, m, 19, k, 2, 2);
    }
    check_quantized(kernels, which, 1, 700, 2 * block, 2, 3);
    check_quantized(kernels, which, 300, 70, block, 1, 2);
    check_quantized(kernels, which, 40, 8, block, 1, 3);
    check_quantized(kernels, which, 3, 0, block, 1, 2);
  }
}

std::vector<std::uint16_t> narrow(const std::vector<float>& from, FloatForm form, std::vector<float>& rounded) {
  std::vector<std::uint16_t> result;
  for (std::size_t i = 0; i < from.size(); i++) {
    // Truncation of a small magnitude: any bits will do, as long as both sides read the same.
    std::uint32_t bits;
    std::memcpy(&bits, &from[i], 4);
    std::uint16_t half = static_cast<std::uint16_t>(bits >> 16);
    if (form == FloatForm::float16) half = static_cast<std::uint16_t>((bits >> 31 << 15) | (0x3000 + (bits & 0x7ff)));
    result.push_back(half);
    rounded[i] = form == FloatForm::float16 ? half_to_float(half) : brain_to_float(half);
  }
  return result;
}

void check_float(const MatmulKernels& kernels, RightForm right, FloatForm form, bool direct, std::int64_t m,
                 std::int64_t n, std::int64_t k, int threads) {
  if (right == RightForm::rows && m > FloatProduct::few_rows(kernels, right)) return;
  const std::vector<float> a = random_floats(m * k);
  std::vector<float> b = random_floats(n * k);
  std::vector<std::uint16_t> narrowed;
  if (form != FloatForm::float32) narrowed = narrow(b, form, b);
  const bool across = right != RightForm::transposed && !(right == RightForm::read && direct);
  const auto* data = form == FloatForm::float32 ? reinterpret_cast<const std::byte*>(b.data())
                                                : reinterpret_cast<const std::byte*>(narrowed.data());
  const std::int64_t bytes = form == FloatForm::float32 ? 4 : 2;
  const auto read = [&](int, std::int64_t column, std::int64_t count, float* panel) {
    if (across)
      kernels.pack(form, k, count, data + column * bytes, n, panel);
    else
      kernels.pack_transposed(form, k, count, data + column * k * bytes, k, panel);
  };
  std::vector<float> packed;
  RightMatrix matrix{data, across ? n : k};
  if (right == RightForm::packed) {
    packed.resize(static_cast<std::size_t>(FloatProduct::packed_bytes(kernels, n, k) / 4));
    read(0, 0, n, packed.data());
    matrix = {reinterpret_cast<const std::byte*>(packed.data()), 0};
  }
  const bool widened = right == RightForm::packed || right == RightForm::read;
  const FloatProduct product(kernels, right, widened ? FloatForm::float32 : form, m, n, k, 1, direct);
  std::vector<float> c(static_cast<std::size_t>(m * n), NAN);
  auto* own =
      static_cast<std::byte*>(std::aligned_alloc(64, static_cast<std::size_t>(product.thread_bytes() + 127) / 64 * 64));
  for (int thread = 0; thread < threads; thread++) {
    product.run(a.data(), k, &matrix, read, Plain{c.data(), n, 0}, own, thread, threads);
  }
  std::free(own);
  for (std::int64_t i = 0; i < m; i++) {
    for (std::int64_t j = 0; j < n; j++) {
      double sum = 0;
      double magnitude = 1e-30;
      for (std::int64_t step = 0; step < k; step++) {
        const double term = static_cast<double>(a[static_cast<std::size_t>(i * k + step)]) *
                            b[static_cast<std::size_t>(across ? step * n + j : j * k + step)];
        sum += term;
        magnitude += std::fabs(term);
      }
      const double is = c[static_cast<std::size_t>(i * n + j)];
      expect(std::fabs(is - sum) <= magnitude * 2e-6,
             std::string(kernels.name) + " right " + std::to_string(static_cast<int>(right)) + " form " +
                 std::to_string(static_cast<int>(form)) + " " + std::to_string(m) + "x" + std::to_string(n) + "x" +
                 std::to_string(k) + " threads " + std::to_string(threads));
    }
  }
}

void check_all_float(const MatmulKernels& kernels) {
  for (RightForm right : {RightForm::packed, RightForm::rows, RightForm::transposed, RightForm::read}) {
    for (FloatForm form : {FloatForm::float32, FloatForm::float16, FloatForm::bfloat16}) {
      for (std::int64_t m = 0; m <= 33; m++) {
        check_float(kernels, right, form, m % 2 == 0, m, 1 + m * 11 % 53, 1 + m * 5 % 37, 1 + static_cast<int>(m % 3));
        check_float(kernels, right, form, m % 3 == 0, m, m % 4 * 16, 16 + m, 2);
      }
      for (std::int64_t m : {1, 2, 3, 6, 13}) {
        for (std::int64_t n : {0, 1, 63, 400}) {
          for (std::int64_t k : {0, 1, 31, 700}) check_float(kernels, right, form, (m + n + k) % 2 == 0, m, n, k, 2);
        }
      }
    }
    check_float(kernels, right, FloatForm::float32, true, 401, 33, 65, 3);
    check_float(kernels, right, FloatForm::float32, false, 401, 33, 65, 3);
  }
}

void check_attention(const AttentionKernels& kernels) {
  const std::string name = kernels.name;
  for (std::int64_t count = 0; count <= 70; count++) {
    std::vector<float> scores = random_floats(count);
    for (float& score : scores) score *= 40;
    if (count > 3) scores[1] = -INFINITY;
    const std::vector<float> before = scores;
    float maximum = count % 2 == 0 ? -INFINITY : 3.5f;
    float sum = count % 2 == 0 ? 0.0f : 2.0f;
    const double old_maximum = maximum;
    const double old_sum = sum;
    const float factor = kernels.soften(scores.data(), count, &maximum, &sum);
    double largest = old_maximum;
    for (float score : before) largest = std::max(largest, static_cast<double>(score));
    expect(maximum == static_cast<float>(largest), name + " soften raises the maximum");
    const double should = old_sum == 0 ? 0 : std::exp(old_maximum - largest);
    if (old_sum != 0) expect(std::fabs(factor - should) <= 8e-6 * should + 2e-38, name + " soften's factor");
    double total = old_sum * should;
    for (std::int64_t i = 0; i < count; i++) {
      const double weight = std::exp(before[static_cast<std::size_t>(i)] - largest);
      total += weight;
      expect(std::fabs(scores[static_cast<std::size_t>(i)] - weight) <= 8e-6 * weight + 2e-38,
             name + " soften's weights");
    }
    expect(std::fabs(sum - total) <= 1e-5 * total, name + " soften's sum");
    std::vector<float> scaled = before;
    if (count > 3) scaled[1] = 1;
    std::vector<float> added = scaled;
    kernels.scale(scaled.data(), count, 0.5f);
    kernels.add_scaled(added.data(), scaled.data(), count, -2.0f);
    for (float each : added) expect(std::fabs(each) <= 1e-6f * 40, name + " scale and add_scaled undo each other");
  }
  float dark[] = {-INFINITY, -INFINITY};
  float maximum = -INFINITY;
  float sum = 0;
  const float factor = kernels.soften(dark, 2, &maximum, &sum);
  expect(factor == 1 && sum == 0 && dark[0] == 0 && dark[1] == 0, name + " soften of nothing but −∞ gives nothing");
}

}  // namespace
}  // namespace halyard::cpu

int main() {
  using namespace halyard::cpu;
  std::vector<const MatmulKernels*> floats{&matmul_portable};
  std::vector<const QuantizedMatmulKernels*> quantized{&quantized_matmul_portable};
  std::vector<const AttentionKernels*> attention{&attention_portable};
#if defined(HALYARD_EMULATED_AVX512)
  floats = {&matmul_avx512};
  quantized = {&quantized_matmul_avx512vnni, &quantized_matmul_amx};
  attention = {&attention_avx512};
#elif defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    floats.push_back(&matmul_avx2);
    quantized.push_back(&quantized_matmul_avx2);
    attention.push_back(&attention_avx2);
  }
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    floats.push_back(&matmul_avx512);
    attention.push_back(&attention_avx512);
    if (__builtin_cpu_supports("avx512vnni")) quantized.push_back(&quantized_matmul_avx512vnni);
    if (detect_level() == Level::amx) quantized.push_back(&quantized_matmul_amx);
  }
#elif defined(__aarch64__)
  floats.push_back(&matmul_neon);
  quantized.push_back(&quantized_matmul_neon);
  if (includes(detect_level(), Level::neon_dot)) quantized.push_back(&quantized_matmul_neon_dot);
  if (includes(detect_level(), Level::neon_i8mm)) quantized.push_back(&quantized_matmul_neon_i8mm);
  attention.push_back(&attention_neon);
#endif
  std::printf("block-quantized products of");
  for (const auto* each : quantized) std::printf(" %s", each->name);
  std::printf("\n");
  for (const auto* each : floats) check_all_float(*each);
  for (const auto* each : quantized) check_all_quantized(*each);
  for (const auto* each : attention) check_attention(*each);
  std::printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
