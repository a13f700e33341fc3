// The elementwise and row kernels of every table that this machine can run (or of AVX-512, emulated) against libm in
// double, in units in the last place.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "../kernels/expression.h"
#include "../kernels/rows.h"

namespace halyard::cpu {
namespace {

int checks = 0;
int failures = 0;

void expect(bool good, const std::string& what) {
  checks++;
  if (good) return;
  failures++;
  if (failures < 50) std::printf("FAILED: %s\n", what.c_str());
}

/// Distance in units in the last place of float32; below the normal range, of its smallest numbers.
double distance(float found, double exact) {
  if (std::isnan(exact)) return std::isnan(found) ? 0 : 1e30;
  const auto nearest = static_cast<float>(exact);
  if (std::isinf(nearest) || std::isinf(found)) return found == nearest ? 0 : 1e30;
  int exponent;
  std::frexp(exact, &exponent);
  const double unit = std::ldexp(1.0, exponent < -125 ? -149 : exponent - 24);
  return std::fabs(static_cast<double>(found) - exact) / unit;
}

struct Function {
  const char* name;
  ScalarOperator op;
  std::function<double(double)> exact;
  float from;
  float to;
  /// Units in the last place.
  double bound;
};

double gelu(double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const Function functions[] = {
    {"exp", ScalarOperator::exp, [](double x) { return std::exp(x); }, -110, 90, 2},
    {"log", ScalarOperator::log, [](double x) { return std::log(x); }, 1e-44f, 1e38f, 2},
    {"erf", ScalarOperator::erf, [](double x) { return std::erf(x); }, -6, 6, 2},
    {"tanh", ScalarOperator::tanh, [](double x) { return std::tanh(x); }, -20, 20, 3},
    {"sigmoid", ScalarOperator::sigmoid, sigmoid, -100, 100, 4},
    {"silu", ScalarOperator::silu, [](double x) { return x * sigmoid(x); }, -80, 100, 5},
    {"gelu", ScalarOperator::gelu, gelu, -12, 12, 8},
    {"sin", ScalarOperator::sin, [](double x) { return std::sin(x); }, -100, 100, 3},
    {"cos", ScalarOperator::cos, [](double x) { return std::cos(x); }, -100, 100, 3},
    {"sqrt", ScalarOperator::sqrt, [](double x) { return std::sqrt(x); }, 0, 1e30f, 0.5},
    {"floor", ScalarOperator::floor, [](double x) { return std::floor(x); }, -1e5f, 1e5f, 0},
    {"ceil", ScalarOperator::ceil, [](double x) { return std::ceil(x); }, -1e5f, 1e5f, 0},
    {"roundEven", ScalarOperator::round_even, [](double x) { return std::nearbyint(x); }, -1e5f, 1e5f, 0},
};

void check_functions(const ExpressionKernels& kernels) {
  alignas(64) float x[tile_elements];
  alignas(64) float y[tile_elements];
  for (const Function& function : functions) {
    const TileFunction apply = kernels.find(function.op, Type::float32, Type::float32, no_splat);
    double worst = 0;
    float where = 0;
    for (int tile = 0; tile < 200; tile++) {
      for (int i = 0; i < tile_elements; i++) {
        const double share = (tile * tile_elements + i) / (200.0 * tile_elements);
        const double low = static_cast<double>(function.from);
        const double high = static_cast<double>(function.to);
        // Spread evenly, or over all exponents where the range is all of the positive numbers.
        x[i] = static_cast<float>(low > 0 ? low * std::pow(high / low, share) : low + (high - low) * share);
      }
      apply(y, x, nullptr, nullptr, tile_elements);
      for (int i = 0; i < tile_elements; i++) {
        const double error = distance(y[i], function.exact(static_cast<double>(x[i])));
        if (error > worst) {
          worst = error;
          where = x[i];
        }
      }
    }
    expect(worst <= function.bound, std::string(kernels.name) + " " + function.name + " is off by " +
                                        std::to_string(worst) + " units at " + std::to_string(where));
  }
}

void check_halves(const ExpressionKernels& kernels) {
  alignas(64) float wide[tile_elements];
  std::uint16_t narrow[tile_elements];
  for (Type type : {Type::float16, Type::bfloat16}) {
    const auto index = static_cast<std::size_t>(type);
    for (int base = 0; base < 65'536; base += tile_elements) {
      std::uint16_t bits[tile_elements];
      for (int i = 0; i < tile_elements; i++) bits[i] = static_cast<std::uint16_t>(base + i);
      // An odd count, so that the rest that is no whole vector is tried, too.
      kernels.load[index](wide, bits, tile_elements - 3);
      kernels.store[index](narrow, wide, tile_elements - 3);
      for (int i = 0; i < tile_elements - 3; i++)
        expect(std::isnan(wide[i]) || narrow[i] == bits[i],
               std::string(kernels.name) + " half float " + std::to_string(bits[i]) + " does not come back");
    }
  }
}

void check_rows(const RowKernels& kernels) {
  for (std::int64_t count : {1, 3, 15, 16, 17, 64, 255, 1000, 5000}) {
    std::vector<float> row(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < row.size(); i++) row[i] = static_cast<float>(std::sin(static_cast<double>(i) * 1.7));
    double sum = 0;
    double squares = 0;
    double exponentials = 0;
    float greatest = -std::numeric_limits<float>::infinity();
    for (float x : row) {
      sum += static_cast<double>(x);
      squares += (static_cast<double>(x) - 0.25) * (static_cast<double>(x) - 0.25);
      exponentials += std::exp(static_cast<double>(x) - 1);
      greatest = std::fmax(greatest, x);
    }
    const auto length = static_cast<double>(count);
    const std::string name = std::string(kernels.name) + " of " + std::to_string(count);
    expect(std::fabs(static_cast<double>(kernels.sum(row.data(), count)) - sum) < 1e-6 * length, name + ": sum");
    expect(std::fabs(static_cast<double>(kernels.sum_of_squares(row.data(), count, 0.25f)) - squares) < 1e-6 * length,
           name + ": squares");
    expect(std::fabs(static_cast<double>(kernels.sum_of_exponentials(row.data(), count, 1)) - exponentials) <
               1e-6 * length,
           name + ": exponentials");
    expect(kernels.greatest(row.data(), count) == greatest, name + ": greatest");
    row[row.size() / 2] = std::numeric_limits<float>::quiet_NaN();
    expect(std::isnan(kernels.greatest(row.data(), count)), name + ": NaN is the greatest");
    expect(std::isnan(kernels.least(row.data(), count)), name + ": NaN is the least");
  }
}

}  // namespace
}  // namespace halyard::cpu

int main() {
  using namespace halyard::cpu;
#if defined(HALYARD_EMULATED_AVX512)
  std::vector<const ExpressionKernels*> expressions{&expression_avx512};
  std::vector<const RowKernels*> rows{&rows_avx512};
#else
  std::vector<const ExpressionKernels*> expressions{&expression_portable};
  std::vector<const RowKernels*> rows{&rows_portable};
#endif
#if defined(__x86_64__) && !defined(HALYARD_EMULATED_AVX512)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    expressions.push_back(&expression_avx2);
    rows.push_back(&rows_avx2);
  }
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    expressions.push_back(&expression_avx512);
    rows.push_back(&rows_avx512);
  }
#elif defined(__aarch64__)
  expressions.push_back(&expression_neon);
  rows.push_back(&rows_neon);
#endif
  for (const ExpressionKernels* each : expressions) {
    check_functions(*each);
    check_halves(*each);
  }
  for (const RowKernels* each : rows) check_rows(*each);
  std::printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
