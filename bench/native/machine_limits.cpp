// Prints what the machine can do at most, as one JSON object: read bandwidth and multiply-add peaks, for the number of
// threads given. Built with -O3 -march=native by measure/machine-limits.ts.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace {

constexpr int chains = 12;  // independent accumulators: more than latency times throughput of any current core

volatile float float_sink;
volatile std::int64_t integer_sink;

double seconds_of(int threads, const std::function<void(int)>& work) {
  const auto started = std::chrono::steady_clock::now();
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
  work(0);
  for (auto& other : others) other.join();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

double best_of(int repetitions, const std::function<double()>& measure) {
  double best = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) best = std::max(best, measure());
  return best;
}

double read_bandwidth(int threads) {
  constexpr std::size_t words = std::size_t{256} << 17;  // 256 MiB of 64-bit words: beyond every cache
  static const std::vector<std::uint64_t> memory(words, 1);
  return best_of(5, [&] {
    const double seconds = seconds_of(threads, [&](int thread) {
      const std::size_t share = words / threads;
      const std::uint64_t* from = memory.data() + share * thread;
      std::uint64_t sums[8] = {};
      for (std::size_t i = 0; i + 8 <= share; i += 8)
        for (int lane = 0; lane < 8; ++lane) sums[lane] += from[i + lane];
      std::uint64_t sum = 0;
      for (const std::uint64_t lane : sums) sum += lane;
      integer_sink = static_cast<std::int64_t>(sum);
    });
    return words * 8 / seconds;
  });
}

#if defined(__AVX512F__)
using Floats = __m512;
constexpr int width = 16;
Floats broadcast(float value) { return _mm512_set1_ps(value); }
Floats multiply_add(Floats a, Floats b, Floats sum) { return _mm512_fmadd_ps(a, b, sum); }
float first(Floats value) { return _mm512_cvtss_f32(value); }
constexpr const char* float_set = "AVX-512";
#elif defined(__FMA__)
using Floats = __m256;
constexpr int width = 8;
Floats broadcast(float value) { return _mm256_set1_ps(value); }
Floats multiply_add(Floats a, Floats b, Floats sum) { return _mm256_fmadd_ps(a, b, sum); }
float first(Floats value) { return _mm256_cvtss_f32(value); }
constexpr const char* float_set = "AVX2";
#elif defined(__ARM_NEON)
using Floats = float32x4_t;
constexpr int width = 4;
Floats broadcast(float value) { return vdupq_n_f32(value); }
Floats multiply_add(Floats a, Floats b, Floats sum) { return vfmaq_f32(sum, a, b); }
float first(Floats value) { return vgetq_lane_f32(value, 0); }
constexpr const char* float_set = "NEON";
#else
using Floats = float;
constexpr int width = 1;
Floats broadcast(float value) { return value; }
Floats multiply_add(Floats a, Floats b, Floats sum) { return a * b + sum; }
float first(Floats value) { return value; }
constexpr const char* float_set = "scalar";
#endif

double float_peak(int threads) {
  constexpr std::int64_t rounds = 4'000'000;
  return best_of(5, [&] {
    const double seconds = seconds_of(threads, [&](int) {
      Floats sums[chains];
      for (auto& sum : sums) sum = broadcast(0);
      const Floats a = broadcast(0.5F);
      const Floats b = broadcast(1e-6F);
      for (std::int64_t round = 0; round < rounds; ++round)
        for (auto& sum : sums) sum = multiply_add(sum, a, b);
      float total = 0;
      for (const auto& sum : sums) total += first(sum);
      float_sink = total;
    });
    return 2.0 * width * chains * rounds * threads / seconds;
  });
}

#if defined(__AVX512VNNI__)
using Integers = __m512i;
constexpr int integer_width = 64;
Integers integers(int value) { return _mm512_set1_epi8(static_cast<char>(value)); }
Integers dot(Integers sum, Integers a, Integers b) { return _mm512_dpbusd_epi32(sum, a, b); }
int first(Integers value) { return _mm512_cvtsi512_si32(value); }
constexpr const char* integer_set = "AVX-512 VNNI";
#elif defined(__AVX2__)
using Integers = __m256i;
constexpr int integer_width = 32;
Integers integers(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
Integers dot(Integers sum, Integers a, Integers b) {
  asm volatile("" : "+x"(a));  // or the product is moved out of the loop
  const Integers pairs = _mm256_maddubs_epi16(a, b);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
int first(Integers value) { return _mm256_cvtsi256_si32(value); }
constexpr const char* integer_set = "AVX2";
#else
using Integers = std::int32_t;
constexpr int integer_width = 1;
Integers integers(int value) { return value; }
Integers dot(Integers sum, Integers a, Integers b) { return sum + (a ^ sum) * b; }
int first(Integers value) { return value; }
constexpr const char* integer_set = "scalar";
#endif

double integer_peak(int threads) {
  constexpr std::int64_t rounds = 2'000'000;
  return best_of(5, [&] {
    const double seconds = seconds_of(threads, [&](int) {
      Integers sums[chains];
      for (auto& sum : sums) sum = integers(0);
      const Integers a = integers(3);
      const Integers b = integers(1);
      for (std::int64_t round = 0; round < rounds; ++round)
        for (auto& sum : sums) sum = dot(sum, a, b);
      std::int64_t total = 0;
      for (const auto& sum : sums) total += first(sum);
      integer_sink = total;
    });
    return 2.0 * integer_width * chains * rounds * threads / seconds;
  });
}

}  // namespace

int main(int count, char** arguments) {
  const int threads = count > 1 ? std::atoi(arguments[1]) : static_cast<int>(std::thread::hardware_concurrency());
  std::printf(
      R"({"threads":%d,"readBytesPerSecond":%.0f,"floatSet":"%s","floatOperationsPerSecond":%.0f,"integerSet":"%s","integerOperationsPerSecond":%.0f})"
      "\n",
      threads, read_bandwidth(threads), float_set, float_peak(threads), integer_set, integer_peak(threads));
}
