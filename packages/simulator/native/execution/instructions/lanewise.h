#pragma once

#include <bit>
#include <cmath>
#include <type_traits>

#include "../../ptx/emitter.h"
#include "../lanes.h"
#include "../warp.h"

namespace halyard::simulator {

/// What holds a value's bits: 4 or 8 bytes.
template <class T>
using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

/// d = F(a), for every lane; F is a lambda without captures.
template <auto F, class A, class D = A>
void unary(Warp& warp, const MicroOp& op) {
  const A* a = warp.at<A>(op.a);
  D* d = warp.at<D>(op.d);
  if (warp.mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) d[l] = F(a[l]);
    return;
  }
  D result[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) result[l] = F(a[l]);
  store_lanes(reinterpret_cast<Bits<D>*>(d), reinterpret_cast<const Bits<D>*>(result), warp.mask);
}

/// d = F(a, b)
template <auto F, class A, class D = A, class B = A>
void binary(Warp& warp, const MicroOp& op) {
  const A* a = warp.at<A>(op.a);
  const B* b = warp.at<B>(op.b);
  D* d = warp.at<D>(op.d);
  if (warp.mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) d[l] = F(a[l], b[l]);
    return;
  }
  D result[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) result[l] = F(a[l], b[l]);
  store_lanes(reinterpret_cast<Bits<D>*>(d), reinterpret_cast<const Bits<D>*>(result), warp.mask);
}

/// d = F(a, b, c)
template <auto F, class A, class D = A, class C = D>
void ternary(Warp& warp, const MicroOp& op) {
  const A* a = warp.at<A>(op.a);
  const A* b = warp.at<A>(op.b);
  const C* c = warp.at<C>(op.c);
  D* d = warp.at<D>(op.d);
  if (warp.mask == all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) d[l] = F(a[l], b[l], c[l]);
    return;
  }
  D result[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) result[l] = F(a[l], b[l], c[l]);
  store_lanes(reinterpret_cast<Bits<D>*>(d), reinterpret_cast<const Bits<D>*>(result), warp.mask);
}

/// p = F(a, b)
template <auto F, class A>
inline std::uint32_t compare_lanes(const Warp& warp, const MicroOp& op) {
  const A* a = warp.at<A>(op.a);
  const A* b = warp.at<A>(op.b);
  alignas(32) std::uint32_t words[lanes];
#pragma GCC ivdep
  for (int l = 0; l < lanes; ++l) words[l] = F(a[l], b[l]) ? ~0u : 0u;
  return collect_mask(words);
}

/// Operands d, a, b, c in this order, all of one type.
inline MicroOp& emit_lanewise(Emitter& emitter, Handler handler, InstructionClass instruction_class,
                              std::string_view type) {
  const std::uint32_t d = emitter.destination(emitter.operand(0));
  std::uint32_t sources[3] = {0, 0, 0};
  for (std::size_t i = 1; i < emitter.operands() && i < 4; ++i)
    sources[i - 1] = emitter.source(emitter.operand(i), type);
  MicroOp& op = emitter.emit(handler, instruction_class);
  op.d = d;
  op.a = sources[0];
  op.b = sources[1];
  op.c = sources[2];
  return op;
}

inline bool is_signed(std::string_view type) {
  return type[0] == 's';
}
inline bool is_wide_type(std::string_view type) {
  return type.ends_with("64");
}
inline bool is_16_bits(std::string_view type) {
  return type == "b16" || type == "u16" || type == "s16";
}

/// Denormal numbers become zeros of their sign.
inline float flush(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits & 0x7f800000u) != 0 ? bits : bits & 0x80000000u);
}

}  // namespace halyard::simulator
