#include <cmath>
#include <cstdint>

#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

// The approximate forms have an error of a few units in the last place on hardware; here they are rounded from double
// precision, so that results lie within the hardware's bounds without being its bits.

template <auto F>
constexpr auto precise = [](float x) { return static_cast<float>(F(static_cast<double>(x))); };
template <auto F>
constexpr auto flushed1 = [](float x) { return flush(F(flush(x))); };

constexpr auto reciprocal = [](float x) { return 1.0f / x; };
constexpr auto root = [](float x) { return __builtin_sqrtf(x); };
constexpr auto reciprocal_root = precise<[](double x) { return 1.0 / std::sqrt(x); }>;
constexpr auto sine = precise<[](double x) { return std::sin(x); }>;
constexpr auto cosine = precise<[](double x) { return std::cos(x); }>;
constexpr auto logarithm = precise<[](double x) { return std::log2(x); }>;
constexpr auto hyperbolic_tangent = precise<[](double x) { return std::tanh(x); }>;

/// 2^x by a polynomial on [-½, ½], within 1 unit in the last place; written so that it becomes vector instructions.
inline float power_of_two(float x) {
  const float limited = x < -160.0f ? -160.0f : x > 160.0f ? 160.0f : x;
  const float whole = __builtin_rintf(limited);
  const float t = limited - whole;
  float p = 1.535336188319500e-4f;
  p = __builtin_fmaf(p, t, 1.339887440266574e-3f);
  p = __builtin_fmaf(p, t, 9.618437357674640e-3f);
  p = __builtin_fmaf(p, t, 5.550332471162809e-2f);
  p = __builtin_fmaf(p, t, 2.402264791363012e-1f);
  p = __builtin_fmaf(p, t, 6.931472028550421e-1f);
  p = __builtin_fmaf(p, t, 1.0f);
  // In two halves, so that denormal results come out.
  const auto n = static_cast<std::int32_t>(whole);
  const std::int32_t half = n >> 1;
  const float first = std::bit_cast<float>((half + 127) << 23), second = std::bit_cast<float>((n - half + 127) << 23);
  const float result = p * first * second;
  return x != x ? x : result;
}
constexpr auto exponential = [](float x) { return power_of_two(x); };

template <auto F>
void emit_special(Emitter& emitter) {
  if (emitter.type() != "f32") emitter.unsupported();
  emit_lanewise(emitter, emitter.has("ftz") ? unary<flushed1<F>, float> : unary<F, float>, InstructionClass::special,
                "f32");
}

}  // namespace

namespace decoders {

void rcp(Emitter& emitter) {
  if (emitter.type() != "f64") return emit_special<reciprocal>(emitter);
  emit_lanewise(emitter, unary<[](double x) { return 1.0 / x; }, double>, InstructionClass::float64, "f64");
}

void sqrt(Emitter& emitter) {
  if (emitter.type() != "f64") return emit_special<root>(emitter);
  emit_lanewise(emitter, unary<[](double x) { return std::sqrt(x); }, double>, InstructionClass::float64, "f64");
}

void rsqrt(Emitter& emitter) {
  if (emitter.type() != "f64") return emit_special<reciprocal_root>(emitter);
  emit_lanewise(emitter, unary<[](double x) { return 1.0 / std::sqrt(x); }, double>, InstructionClass::float64, "f64");
}

void ex2(Emitter& emitter) {
  if (!half_special(emitter)) emit_special<exponential>(emitter);
}
void tanh(Emitter& emitter) {
  if (!half_special(emitter)) emit_special<hyperbolic_tangent>(emitter);
}
void lg2(Emitter& emitter) {
  emit_special<logarithm>(emitter);
}
void sin(Emitter& emitter) {
  emit_special<sine>(emitter);
}
void cos(Emitter& emitter) {
  emit_special<cosine>(emitter);
}

}  // namespace decoders
}  // namespace halyard::simulator
