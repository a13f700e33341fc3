#pragma once

// Included by levels/*/attention.cpp after the level's floats.h; see matmul_kernels.h.

#include <stdint.h>

#include "../../kernels/attention.h"

namespace halyard::cpu {
namespace {

using Vector = Floats::Vector;

constexpr int kWidth = Floats::width;

/// e^x for x ≤ 0; 0 below −87.3, where the result would be denormal. Degree 6 after Cody-Waite reduction, < 1 ulp.
HALYARD_INLINE Vector exp_of_negative(Vector x) {
  const Vector least = Floats::broadcast(-87.3f);
  const Vector clamped = Floats::max(least, x);
  const Vector n = Floats::round(Floats::mul(clamped, Floats::broadcast(1.44269504f)));
  Vector f = Floats::fma(n, Floats::broadcast(-0.693145752f), clamped);
  f = Floats::fma(n, Floats::broadcast(-1.42860677e-6f), f);
  Vector p = Floats::broadcast(1.0f / 720);
  p = Floats::fma(p, f, Floats::broadcast(1.0f / 120));
  p = Floats::fma(p, f, Floats::broadcast(1.0f / 24));
  p = Floats::fma(p, f, Floats::broadcast(1.0f / 6));
  p = Floats::fma(p, f, Floats::broadcast(0.5f));
  p = Floats::fma(p, f, Floats::broadcast(1.0f));
  p = Floats::fma(p, f, Floats::broadcast(1.0f));
  return Floats::zero_below(Floats::times_power(p, n), x, least);
}

float soften(float* scores, int64_t count, float* maximum, float* sum) {
  const float infinity = __builtin_inff();
  Vector greatest = Floats::broadcast(-infinity);
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) greatest = Floats::max(greatest, Floats::load(scores + i));
  alignas(64) float rest[kWidth];
  const int64_t whole = i;
  if (whole < count) {
    for (int j = 0; j < kWidth; j++) rest[j] = whole + j < count ? scores[whole + j] : -infinity;
    greatest = Floats::max(greatest, Floats::load(rest));
  }
  const float before = *maximum;
  const float largest = Floats::largest(greatest);
  const float after = largest > before ? largest : before;
  if (after == -infinity) {
    for (i = 0; i < count; i++) scores[i] = 0.0f;
    return 1.0f;
  }
  const Vector shift = Floats::broadcast(after);
  Vector total = Floats::zero();
  for (i = 0; i < whole; i += kWidth) {
    const Vector value = exp_of_negative(Floats::sub(Floats::load(scores + i), shift));
    Floats::store(scores + i, value);
    total = Floats::add(total, value);
  }
  if (whole < count) {
    const Vector value = exp_of_negative(Floats::sub(Floats::load(rest), shift));
    Floats::store(rest, value);
    total = Floats::add(total, value);
    for (int j = 0; whole + j < count; j++) scores[whole + j] = rest[j];
  }
  float factor = 1.0f;
  if (after != before) {
    alignas(64) float lanes[kWidth];
    Floats::store(lanes, exp_of_negative(Floats::broadcast(before - after)));
    factor = lanes[0];
    *maximum = after;
  }
  *sum = *sum * factor + Floats::sum(total);
  return factor;
}

void scale(float* to, int64_t count, float factor) {
  const Vector factors = Floats::broadcast(factor);
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) Floats::store(to + i, Floats::mul(Floats::load(to + i), factors));
  for (; i < count; i++) to[i] *= factor;
}

void add_scaled(float* to, const float* from, int64_t count, float factor) {
  const Vector factors = Floats::broadcast(factor);
  int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    Floats::store(to + i, Floats::fma(Floats::load(from + i), factors, Floats::load(to + i)));
  }
  for (; i < count; i++) to[i] += from[i] * factor;
}

}  // namespace
}  // namespace halyard::cpu

#define HALYARD_ATTENTION_KERNELS(name) {name, soften, scale, add_scaled}
