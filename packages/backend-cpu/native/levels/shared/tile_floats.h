// float32 operators over tiles.
#pragma once

#include "halyard/scalar_operator.h"
#include "kernels/expression.h"
#include "math.h"

namespace {

using halyard::ScalarOperator;
using halyard::cpu::TileFunction;

#define HALYARD_FLOAT_OPERATOR(name, expression)                    \
  struct name {                                                     \
    HALYARD_INLINE_MEMBER Floats apply(Floats a, Floats b) {        \
      (void)b;                                                      \
      return expression;                                            \
    }                                                               \
  }
#define HALYARD_INLINE_MEMBER static inline __attribute__((always_inline))

HALYARD_FLOAT_OPERATOR(Add, a + b);
HALYARD_FLOAT_OPERATOR(Subtract, a - b);
HALYARD_FLOAT_OPERATOR(Multiply, a* b);
HALYARD_FLOAT_OPERATOR(Divide, a / b);
HALYARD_FLOAT_OPERATOR(Least, least(a, b));
HALYARD_FLOAT_OPERATOR(Greatest, greatest(a, b));
HALYARD_FLOAT_OPERATOR(Absolute, absolute(a));
HALYARD_FLOAT_OPERATOR(Negate, -a);
HALYARD_FLOAT_OPERATOR(Sign, choose(a > 0.0f, splat(1.0f), choose(a < 0.0f, splat(-1.0f), a)));
HALYARD_FLOAT_OPERATOR(Exponential, exponential(a));
HALYARD_FLOAT_OPERATOR(Logarithm, logarithm(a));
HALYARD_FLOAT_OPERATOR(Root, root(a));
HALYARD_FLOAT_OPERATOR(ReciprocalRoot, 1.0f / root(a));
HALYARD_FLOAT_OPERATOR(Reciprocal, 1.0f / a);
HALYARD_FLOAT_OPERATOR(ErrorFunction, error_function(a));
HALYARD_FLOAT_OPERATOR(HyperbolicTangent, hyperbolic_tangent(a));
HALYARD_FLOAT_OPERATOR(Sigmoid, sigmoid(a));
HALYARD_FLOAT_OPERATOR(Gelu, gelu(a));
HALYARD_FLOAT_OPERATOR(Silu, silu(a));
HALYARD_FLOAT_OPERATOR(Floor, round_down(a));
HALYARD_FLOAT_OPERATOR(Ceil, round_up(a));
HALYARD_FLOAT_OPERATOR(RoundEven, round_even(a));
HALYARD_FLOAT_OPERATOR(Square, a* a);
#undef HALYARD_FLOAT_OPERATOR

#define HALYARD_FLOAT_COMPARISON(name, expression)                \
  struct name {                                                   \
    HALYARD_INLINE_MEMBER Ints apply(Floats a, Floats b) {        \
      (void)b;                                                    \
      return (expression) & 1;                                    \
    }                                                             \
  }
HALYARD_FLOAT_COMPARISON(Equal, a == b);
HALYARD_FLOAT_COMPARISON(NotEqual, a != b);
HALYARD_FLOAT_COMPARISON(Lesser, a < b);
HALYARD_FLOAT_COMPARISON(LesserOrEqual, a <= b);
HALYARD_FLOAT_COMPARISON(Greater, a > b);
HALYARD_FLOAT_COMPARISON(GreaterOrEqual, a >= b);
HALYARD_FLOAT_COMPARISON(IsNan, a != a);
HALYARD_FLOAT_COMPARISON(IsInfinite, absolute(a) == __builtin_inff());
HALYARD_FLOAT_COMPARISON(LogicalAnd, (a != 0.0f) & (b != 0.0f));
HALYARD_FLOAT_COMPARISON(LogicalOr, (a != 0.0f) | (b != 0.0f));
HALYARD_FLOAT_COMPARISON(LogicalXor, (a != 0.0f) ^ (b != 0.0f));
HALYARD_FLOAT_COMPARISON(LogicalNot, a == 0.0f);
#undef HALYARD_FLOAT_COMPARISON

/// `splat` says which argument is one vector's worth of equal elements.
template <typename Operator, int splat_mask>
void binary_tile(void* result, const void* a, const void* b, const void*, int32_t count) {
  auto* to = static_cast<float*>(result);
  const auto* x = static_cast<const float*>(a);
  const auto* y = static_cast<const float*>(b);
  const Floats first = load(x);
  const Floats second = load(y);
#pragma GCC unroll 4
  for (int32_t i = 0; i < count; i += lanes) {
    const Floats left = (splat_mask & 1) != 0 ? first : load(x + i);
    const Floats right = (splat_mask & 2) != 0 ? second : load(y + i);
    const auto value = Operator::apply(left, right);
    __builtin_memcpy(to + i, &value, sizeof(value));
  }
}

template <typename Operator>
void unary_tile(void* result, const void* a, const void*, const void*, int32_t count) {
  auto* to = static_cast<float*>(result);
  const auto* x = static_cast<const float*>(a);
#pragma GCC unroll 2
  for (int32_t i = 0; i < count; i += lanes) {
    const Floats value = load(x + i);
    const auto computed = Operator::apply(value, value);
    __builtin_memcpy(to + i, &computed, sizeof(computed));
  }
}

template <typename Operator>
TileFunction binary_form(int32_t splat_mask) {
  switch (splat_mask) {
    case 0:
      return binary_tile<Operator, 0>;
    case 1:
      return binary_tile<Operator, 1>;
    case 2:
      return binary_tile<Operator, 2>;
    default:
      return nullptr;
  }
}

void select_floats(void* result, const void* a, const void* b, const void* c, int32_t count) {
  for (int32_t i = 0; i < count; i += lanes) {
    Ints condition = load(static_cast<const int32_t*>(a) + i) != 0;
    store(static_cast<float*>(result) + i,
          choose(condition, load(static_cast<const float*>(b) + i), load(static_cast<const float*>(c) + i)));
  }
}

/// By libm in double: correct rounding but for one case in a billion.
void power_floats(void* result, const void* a, const void* b, const void*, int32_t count) {
  for (int32_t i = 0; i < count; i++)
    static_cast<float*>(result)[i] = static_cast<float>(__builtin_pow(
        static_cast<double>(static_cast<const float*>(a)[i]), static_cast<double>(static_cast<const float*>(b)[i])));
}

struct Sine {
  HALYARD_INLINE_MEMBER Floats fast(Floats x) { return sine(x, 0); }
  HALYARD_INLINE_MEMBER double exact(double x) { return __builtin_sin(x); }
};
struct Cosine {
  HALYARD_INLINE_MEMBER Floats fast(Floats x) { return sine(x, 1); }
  HALYARD_INLINE_MEMBER double exact(double x) { return __builtin_cos(x); }
};
struct Tangent {
  HALYARD_INLINE_MEMBER Floats fast(Floats x) { return tangent(x); }
  HALYARD_INLINE_MEMBER double exact(double x) { return __builtin_tan(x); }
};

/// Large angles (and NaN, infinity) go to libm one by one.
template <typename Function>
void angle_tile(void* result, const void* a, const void*, const void*, int32_t count) {
  auto* to = static_cast<float*>(result);
  const auto* from = static_cast<const float*>(a);
  for (int32_t i = 0; i < count; i += lanes) {
    Floats x = load(from + i);
    if (__builtin_expect(all_reducible(x), 1)) {
      store(to + i, Function::fast(x));
      continue;
    }
    for (int lane = 0; lane < lanes; lane++)
      to[i + lane] = static_cast<float>(Function::exact(static_cast<double>(x[lane])));
  }
}

TileFunction find_float_operator(ScalarOperator op, int32_t splat_mask) {
  switch (op) {
    case ScalarOperator::add:
      return binary_form<Add>(splat_mask);
    case ScalarOperator::sub:
      return binary_form<Subtract>(splat_mask);
    case ScalarOperator::mul:
      return binary_form<Multiply>(splat_mask);
    case ScalarOperator::div:
      return binary_form<Divide>(splat_mask);
    case ScalarOperator::min:
      return binary_form<Least>(splat_mask);
    case ScalarOperator::max:
      return binary_form<Greatest>(splat_mask);
    default:
      break;
  }
  if (splat_mask != 0) return nullptr;
  switch (op) {
    case ScalarOperator::pow:
      return power_floats;
    case ScalarOperator::abs:
      return unary_tile<Absolute>;
    case ScalarOperator::neg:
      return unary_tile<Negate>;
    case ScalarOperator::sign:
      return unary_tile<Sign>;
    case ScalarOperator::exp:
      return unary_tile<Exponential>;
    case ScalarOperator::log:
      return unary_tile<Logarithm>;
    case ScalarOperator::sqrt:
      return unary_tile<Root>;
    case ScalarOperator::rsqrt:
      return unary_tile<ReciprocalRoot>;
    case ScalarOperator::reciprocal:
      return unary_tile<Reciprocal>;
    case ScalarOperator::erf:
      return unary_tile<ErrorFunction>;
    case ScalarOperator::tanh:
      return unary_tile<HyperbolicTangent>;
    case ScalarOperator::sigmoid:
      return unary_tile<Sigmoid>;
    case ScalarOperator::gelu:
      return unary_tile<Gelu>;
    case ScalarOperator::silu:
      return unary_tile<Silu>;
    case ScalarOperator::sin:
      return angle_tile<Sine>;
    case ScalarOperator::cos:
      return angle_tile<Cosine>;
    case ScalarOperator::tan:
      return angle_tile<Tangent>;
    case ScalarOperator::floor:
      return unary_tile<Floor>;
    case ScalarOperator::ceil:
      return unary_tile<Ceil>;
    case ScalarOperator::round_even:
      return unary_tile<RoundEven>;
    case ScalarOperator::select:
      return select_floats;
    default:
      return nullptr;
  }
}

TileFunction find_float_comparison(ScalarOperator op, int32_t splat_mask) {
  switch (op) {
    case ScalarOperator::equal:
      return binary_form<Equal>(splat_mask);
    case ScalarOperator::not_equal:
      return binary_form<NotEqual>(splat_mask);
    case ScalarOperator::lesser:
      return binary_form<Lesser>(splat_mask);
    case ScalarOperator::lesser_or_equal:
      return binary_form<LesserOrEqual>(splat_mask);
    case ScalarOperator::greater:
      return binary_form<Greater>(splat_mask);
    case ScalarOperator::greater_or_equal:
      return binary_form<GreaterOrEqual>(splat_mask);
    case ScalarOperator::logical_and:
      return binary_form<LogicalAnd>(splat_mask);
    case ScalarOperator::logical_or:
      return binary_form<LogicalOr>(splat_mask);
    case ScalarOperator::logical_xor:
      return binary_form<LogicalXor>(splat_mask);
    case ScalarOperator::logical_not:
      return splat_mask == 0 ? unary_tile<LogicalNot> : nullptr;
    case ScalarOperator::is_nan:
      return splat_mask == 0 ? unary_tile<IsNan> : nullptr;
    case ScalarOperator::is_infinite:
      return splat_mask == 0 ? unary_tile<IsInfinite> : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace
