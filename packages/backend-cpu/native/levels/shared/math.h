// float32 functions over whole vectors. Polynomials are minimax fits (Remez); the errors stated are those of the fit,
// rounding comes on top: all are within 4 units in the last place of the exact value unless said otherwise.
#pragma once

#include "vector.h"

namespace {

/// x · 2^n for −252 ≤ n ≤ 252, in two factors so that neither overflows and denormals come out right.
HALYARD_INLINE Floats scale_by_power(Floats x, Ints n) {
  Ints half = n >> 1;
  Floats first = floats((half + 127) << 23);
  Floats second = floats((n - half + 127) << 23);
  return x * first * second;
}

/// Fit: 3.3e-9 on |r| ≤ ln2/2. ln2 in two parts (Cody and Waite), the first with 14 bits.
HALYARD_INLINE Floats exponential(Floats x) {
  Floats bounded = choose(x < -150.0f, splat(-150.0f), choose(x > 128.0f, splat(128.0f), x));
  Floats n = round_even(bounded * 1.44269504f);
  Floats r = fused(n, splat(-0.693115234375f), bounded);
  r = fused(n, splat(-3.194618329871446e-05f), r);
  Floats p = fused(splat(0.0013813147878f), r, splat(0.0083694190468f));
  p = fused(p, r, splat(0.041668456735f));
  p = fused(p, r, splat(0.16666514789f));
  p = fused(p, r, splat(0.49999993051f));
  p = fused(p * r, r, r) + 1.0f;
  return scale_by_power(p, to_ints(n));
}

/// Fit: 7.5e-10 on [1/√2, √2].
HALYARD_INLINE Floats logarithm(Floats x) {
  Ints tiny = x < 1.17549435e-38f;
  Floats scaled = choose(tiny, x * 8388608.0f, x);
  Ints raw = bits(scaled) - 0x3f3504f3;
  Ints exponent = raw >> 23;
  Floats f = floats((raw & 0x007fffff) + 0x3f3504f3) - 1.0f;
  Floats n = to_floats(exponent - (tiny & 23));
  Floats p = splat(0.067466381776f);
  p = fused(p, f, splat(-0.11675650207f));
  p = fused(p, f, splat(0.11888162293f));
  p = fused(p, f, splat(-0.12405589647f));
  p = fused(p, f, splat(0.14219552634f));
  p = fused(p, f, splat(-0.16667995781f));
  p = fused(p, f, splat(0.20002118622f));
  p = fused(p, f, splat(-0.25000009602f));
  p = fused(p, f, splat(0.33333312605f));
  Floats square = f * f;
  Floats tail = fused(p * f, square, fused(square, splat(-0.5f), n * 3.194618329871446e-05f));
  Floats result = fused(n, splat(0.693115234375f), f + tail);
  Floats infinity = splat(__builtin_inff());
  result = choose(x == infinity, infinity, result);
  result = choose(x == 0.0f, -infinity, result);
  return choose((x < 0.0f) | (x != x), splat(__builtin_nanf("")), result);
}

/// exp(−x²·factor), x² in two parts so that its rounding does not show; factor is a power of 2.
HALYARD_INLINE Floats exponential_of_square(Floats x, float factor) {
#if defined(__AVX2__) || defined(__aarch64__)
  Floats square = x * x;
  Floats rest = fused(x, x, -square);
  Floats e = exponential(-square * factor);
  return fused(e, -rest * factor, e);
#else
  // The first part has 12 bits, so that its square is exact; the rest is too large for a first order.
  Floats high = floats(bits(x) & (int32_t)0xfffff000);
  Floats rest = (x - high) * (x + high);
  return exponential(-(high * high) * factor) * exponential(-rest * factor);
#endif
}

/// erfc(t)·exp(t²) for t ≥ 0.92: u·P(u), u = 1/(1 + t/2). Fit: 3.6e-10 up to t = 10.2, where erfc leaves float32.
HALYARD_INLINE Floats scaled_complementary_error(Floats t) {
  Floats bounded = choose(t > 10.5f, splat(10.5f), t);
  Floats u = 1.0f / fused(bounded, splat(0.5f), splat(1.0f));
  Floats p = splat(-0.06555416092f);
  p = fused(p, u, splat(0.20358409733f));
  p = fused(p, u, splat(-0.16727238356f));
  p = fused(p, u, splat(-0.051689717596f));
  p = fused(p, u, splat(0.020668021603f));
  p = fused(p, u, splat(0.069318221728f));
  p = fused(p, u, splat(0.18036306669f));
  p = fused(p, u, splat(0.24618804997f));
  p = fused(p, u, splat(0.28215033803f));
  p = fused(p, u, splat(0.28209277549f));
  return u * p;
}

/// x · (1 + P(x²)) for |x| < 0.92. Fit: 4.1e-10.
HALYARD_INLINE Floats error_near_zero(Floats x) {
  Floats t = x * x;
  Floats p = splat(8.3738564861e-5f);
  p = fused(p, t, splat(-0.00081437494891f));
  p = fused(p, t, splat(0.0052011443165f));
  p = fused(p, t, splat(-0.026859456004f));
  p = fused(p, t, splat(0.11283696944f));
  p = fused(p, t, splat(-0.37612633892f));
  p = fused(p, t, splat(0.12837916669f));
  return fused(x, p, x);
}

HALYARD_INLINE Floats error_function(Floats x) {
  Floats magnitude = absolute(x);
  Floats bounded = choose(magnitude > 10.5f, splat(10.5f), magnitude);
  Floats tail = scaled_complementary_error(bounded) * exponential_of_square(bounded, 1.0f);
  Floats far = copy_sign(1.0f - tail, x);
  return choose(magnitude < 0.921875f, error_near_zero(x), choose(x != x, x, far));
}

/// x/2 · (1 + erf(x/√2)), by erfc where x is far from 0, so that small values keep their relative accuracy.
HALYARD_INLINE Floats gelu(Floats x) {
  Floats t = x * 0.707106781f;
  Floats magnitude = absolute(t);
  Floats half = x * 0.5f;
  Floats distance = choose(absolute(x) > 15.0f, splat(15.0f), absolute(x));
  Floats tail = scaled_complementary_error(magnitude) * exponential_of_square(distance, 0.5f);
  Floats far = half * choose(x < 0.0f, tail, 2.0f - tail);
  Floats near = fused(half, error_near_zero(t), half);
  return choose(magnitude < 0.921875f, near, choose(x != x, x, far));
}

HALYARD_INLINE Floats sigmoid(Floats x) {
  Floats e = exponential(-absolute(x));
  Floats result = choose(x < 0.0f, e, splat(1.0f)) / (1.0f + e);
  return choose(x != x, x, result);
}

HALYARD_INLINE Floats silu(Floats x) {
  Floats e = exponential(-absolute(x));
  return choose(x < 0.0f, x * e, x) / (1.0f + e);
}

/// Near 0 x + x³·P(x²), fit 4.4e-9; else 1 − 2/(exp(2|x|) + 1).
HALYARD_INLINE Floats hyperbolic_tangent(Floats x) {
  Floats magnitude = absolute(x);
  Floats t = x * x;
  Floats p = splat(-0.0057049849771f);
  p = fused(p, t, splat(0.020639085399f));
  p = fused(p, t, splat(-0.053739714482f));
  p = fused(p, t, splat(0.1333144219f));
  p = fused(p, t, splat(-0.33333281942f));
  Floats near = fused(p * t, x, x);
  Floats far = copy_sign(1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f), x);
  return choose(magnitude < 0.625f, near, choose(x != x, x, far));
}

/// x less the nearest multiple of π/2, and which multiple; for |x| ≤ 12 000. π/2 in four parts, the first three with 11
/// bits, so that their products with the multiple are exact.
HALYARD_INLINE Floats reduce_angle(Floats x, Ints& quadrant) {
  Floats n = round_even(x * 0.636619772f);
  quadrant = to_ints(n);
  Floats r = fused(n, splat(-1.5703125f), x);
  r = fused(n, splat(-0.0004837512969970703f), r);
  r = fused(n, splat(-7.549533620476723e-08f), r);
  return fused(n, splat(-2.5633440682570896e-12f), r);
}

/// Fit: 5.4e-12 on |r| ≤ π/4.
HALYARD_INLINE Floats sine_near_zero(Floats r) {
  Floats t = r * r;
  Floats p = fused(splat(2.7175682598e-6f), t, splat(-0.00019839257039f));
  p = fused(p, t, splat(0.0083333291452f));
  p = fused(p, t, splat(-0.1666666664f));
  return fused(p * t, r, r);
}

/// Fit: 1.0e-10 on |r| ≤ π/4.
HALYARD_INLINE Floats cosine_near_zero(Floats r) {
  Floats t = r * r;
  Floats p = fused(splat(2.4431242006e-5f), t, splat(-0.0013887306362f));
  p = fused(p, t, splat(0.041666645659f));
  return fused(p * t, t, fused(t, splat(-0.5f), splat(1.0f)));
}

/// sin for `shift` 0, cos for 1.
HALYARD_INLINE Floats sine(Floats x, int shift) {
  Ints quadrant;
  Floats r = reduce_angle(x, quadrant);
  quadrant += shift;
  Floats result = choose((quadrant & 1) != 0, cosine_near_zero(r), sine_near_zero(r));
  return floats(bits(result) ^ ((quadrant & 2) << 30));
}

HALYARD_INLINE Floats tangent(Floats x) {
  Ints quadrant;
  Floats r = reduce_angle(x, quadrant);
  Floats s = sine_near_zero(r);
  Floats c = cosine_near_zero(r);
  Ints odd = (quadrant & 1) != 0;
  return choose(odd, -c, s) / choose(odd, s, c);
}

/// Whether every angle is small enough for `reduce_angle`.
HALYARD_INLINE bool all_reducible(Floats x) {
  Ints outside = ~(absolute(x) <= 12000.0f);
  int32_t any = 0;
  for (int i = 0; i < lanes; i++) any |= outside[i];
  return any == 0;
}

}  // namespace
