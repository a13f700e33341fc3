#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// How an instruction says that it rounds other than to the nearest.
int rounding(const Emitter& emitter) {
  return emitter.has("rz")   ? FE_TOWARDZERO
         : emitter.has("rm") ? FE_DOWNWARD
         : emitter.has("rp") ? FE_UPWARD
                             : FE_TONEAREST;
}

/// The host's rounding while it lives.
class Rounding {
 public:
  explicit Rounding(int mode) { std::fesetround(mode); }
  ~Rounding() { std::fesetround(FE_TONEAREST); }
};

enum class Form : std::uint8_t { add, subtract, multiply, fused, divide };

/// Directed rounding, one lane after another. op.flags: the mode; op.immediate: the form.
template <class T>
void rounded(Warp& w, const MicroOp& op) {
  const T *a = w.at<T>(op.a), *b = w.at<T>(op.b), *c = w.at<T>(op.c);
  T* d = w.at<T>(op.d);
  const Rounding mode(op.flags);
  each_lane(w.mask, [&](int l) {
    const volatile T x = a[l], y = b[l];
    volatile T result;
    switch (static_cast<Form>(op.immediate)) {
      case Form::add:
        result = x + y;
        break;
      case Form::subtract:
        result = x - y;
        break;
      case Form::multiply:
        result = x * y;
        break;
      case Form::divide:
        result = x / y;
        break;
      default:
        result = std::fma(x, y, c[l]);
        break;
    }
    d[l] = result;
  });
}

float saturate(float x) {
  return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f;
}
template <auto F>
constexpr auto flushed2 = [](float a, float b) { return flush(F(flush(a), flush(b))); };
template <auto F>
constexpr auto saturated2 = [](float a, float b) { return saturate(F(a, b)); };

constexpr auto add32 = [](float a, float b) { return a + b; };
constexpr auto sub32 = [](float a, float b) { return a - b; };
constexpr auto mul32 = [](float a, float b) { return a * b; };
constexpr auto div32 = [](float a, float b) { return a / b; };
constexpr auto fma32 = [](float a, float b, float c) { return __builtin_fmaf(a, b, c); };
constexpr auto flushed_fma32 = [](float a, float b, float c) {
  return flush(__builtin_fmaf(flush(a), flush(b), flush(c)));
};
constexpr auto saturated_fma32 = [](float a, float b, float c) { return saturate(__builtin_fmaf(a, b, c)); };

template <class T>
constexpr T minimum(T a, T b) {
  // A NaN gives the other number; -0 is less than +0.
  if (a != a) return b;
  if (b != b) return a;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <class T>
constexpr T maximum(T a, T b) {
  if (a != a) return b;
  if (b != b) return a;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
constexpr float quiet = std::bit_cast<float>(0x7fffffffu);
constexpr auto nan_min = [](float a, float b) { return a != a || b != b ? quiet : minimum(a, b); };
constexpr auto nan_max = [](float a, float b) { return a != a || b != b ? quiet : maximum(a, b); };
constexpr auto min32 = [](float a, float b) { return minimum(a, b); };
constexpr auto max32 = [](float a, float b) { return maximum(a, b); };

template <auto F32, auto F64>
bool emit_float(Emitter& emitter, Form form) {
  const std::string_view type = emitter.type();
  if (type != "f32" && type != "f64") return false;
  const auto instruction_class = type == "f64" ? InstructionClass::float64 : InstructionClass::float32;
  if (const int mode = rounding(emitter); mode != FE_TONEAREST) {
    MicroOp& op = emit_lanewise(emitter, type == "f64" ? rounded<double> : rounded<float>, instruction_class, type);
    op.flags = static_cast<std::uint16_t>(mode);
    op.immediate = static_cast<std::uint64_t>(form);
    return true;
  }
  const Handler handler = type == "f64"        ? binary<F64, double>
                          : emitter.has("sat") ? binary<saturated2<F32>, float>
                          : emitter.has("ftz") ? binary<flushed2<F32>, float>
                                               : binary<F32, float>;
  emit_lanewise(emitter, handler, instruction_class, type);
  return true;
}

}  // namespace

namespace decoders {

bool float_add(Emitter& e) {
  return emit_float<add32, [](double a, double b) { return a + b; }>(e, Form::add);
}
bool float_sub(Emitter& e) {
  return emit_float<sub32, [](double a, double b) { return a - b; }>(e, Form::subtract);
}
bool float_mul(Emitter& e) {
  return emit_float<mul32, [](double a, double b) { return a * b; }>(e, Form::multiply);
}
bool float_div(Emitter& e) {
  return emit_float<div32, [](double a, double b) { return a / b; }>(e, Form::divide);
}

void fma(Emitter& emitter) {
  if (half_fma(emitter)) return;
  const std::string_view type = emitter.type();
  if (type != "f32" && type != "f64") emitter.unsupported();
  const auto instruction_class = type == "f64" ? InstructionClass::float64 : InstructionClass::float32;
  if (const int mode = rounding(emitter); mode != FE_TONEAREST) {
    MicroOp& op = emit_lanewise(emitter, type == "f64" ? rounded<double> : rounded<float>, instruction_class, type);
    op.flags = static_cast<std::uint16_t>(mode);
    op.immediate = static_cast<std::uint64_t>(Form::fused);
    return;
  }
  const Handler handler = type == "f64"
                              ? ternary<[](double a, double b, double c) { return __builtin_fma(a, b, c); }, double>
                          : emitter.has("sat") ? ternary<saturated_fma32, float>
                          : emitter.has("ftz") ? ternary<flushed_fma32, float>
                                               : ternary<fma32, float>;
  emit_lanewise(emitter, handler, instruction_class, type);
}

bool float_min(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (emitter.operands() != 3) return false;
  if (type == "f64")
    return emit_lanewise(emitter, binary<[](double a, double b) { return minimum(a, b); }, double>,
                         InstructionClass::float64, type),
           true;
  if (type != "f32" || emitter.has("xorsign")) return false;
  emit_lanewise(emitter,
                emitter.has("NaN")   ? binary<nan_min, float>
                : emitter.has("ftz") ? binary<flushed2<min32>, float>
                                     : binary<min32, float>,
                InstructionClass::float32, type);
  return true;
}

bool float_max(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (emitter.operands() != 3) return false;
  if (type == "f64")
    return emit_lanewise(emitter, binary<[](double a, double b) { return maximum(a, b); }, double>,
                         InstructionClass::float64, type),
           true;
  if (type != "f32" || emitter.has("xorsign")) return false;
  emit_lanewise(emitter,
                emitter.has("NaN")   ? binary<nan_max, float>
                : emitter.has("ftz") ? binary<flushed2<max32>, float>
                                     : binary<max32, float>,
                InstructionClass::float32, type);
  return true;
}

bool float_abs(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (type == "f32")
    emit_lanewise(emitter,
                  emitter.has("ftz") ? unary<[](float a) { return flush(__builtin_fabsf(a)); }, float>
                                     : unary<[](u32 a) { return a & 0x7fffffff; }, u32>,
                  InstructionClass::float32, type);
  else if (type == "f64")
    emit_lanewise(emitter, unary<[](u64 a) { return a & ~(u64{1} << 63); }, u64>, InstructionClass::float64, type);
  return type == "f32" || type == "f64";
}

bool float_neg(Emitter& emitter) {
  const std::string_view type = emitter.type();
  if (type == "f32")
    emit_lanewise(emitter,
                  emitter.has("ftz") ? unary<[](float a) { return flush(-a); }, float>
                                     : unary<[](u32 a) { return a ^ 0x80000000; }, u32>,
                  InstructionClass::float32, type);
  else if (type == "f64")
    emit_lanewise(emitter, unary<[](u64 a) { return a ^ (u64{1} << 63); }, u64>, InstructionClass::float64, type);
  return type == "f32" || type == "f64";
}

void copysign(Emitter& emitter) {
  const std::string_view type = emitter.type();
  // copysign d, a, b: the sign of a, the rest of b.
  if (type == "f32")
    emit_lanewise(emitter, binary<[](u32 a, u32 b) { return (a & 0x80000000) | (b & 0x7fffffff); }, u32>,
                  InstructionClass::float32, type);
  else if (type == "f64")
    emit_lanewise(emitter, binary<[](u64 a, u64 b) { return (a & (u64{1} << 63)) | (b & ~(u64{1} << 63)); }, u64>,
                  InstructionClass::float64, type);
  else
    emitter.unsupported();
}

namespace {

template <class T>
bool test(T x, int what) {
  switch (what) {
    case 0:
      return std::isfinite(x);
    case 1:
      return std::isinf(x);
    case 2:
      return !std::isnan(x);
    case 3:
      return std::isnan(x);
    case 4:
      return std::isnormal(x);
    default:
      return x != 0 && std::isfinite(x) && !std::isnormal(x);
  }
}

template <class T>
void test_property(Warp& w, const MicroOp& op) {
  const T* a = w.at<T>(op.a);
  u32 bits = 0;
  each_lane(w.mask, [&](int l) { bits |= static_cast<u32>(test(a[l], op.flags)) << l; });
  w.set_predicate(op.d, bits);
}

}  // namespace

void testp(Emitter& emitter) {
  static const std::string_view names[] = {"finite", "infinite", "number", "notanumber", "normal", "subnormal"};
  const std::string_view type = emitter.type();
  const u32 d = emitter.predicate(emitter.operand(0)), a = emitter.source(emitter.operand(1), type);
  MicroOp& op = emitter.emit(type == "f64" ? test_property<double> : test_property<float>, InstructionClass::float32);
  op.d = d, op.a = a;
  for (std::uint16_t i = 0; i < 6; ++i)
    if (emitter.has(names[i])) op.flags = i;
}

}  // namespace decoders
}  // namespace halyard::simulator
