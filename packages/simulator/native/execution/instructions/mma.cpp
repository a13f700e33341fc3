#include <algorithm>
#include <cstdint>

#include "../worker.h"
#include "decoders.h"
#include "lanewise.h"
#include "matrix_elements.h"
#include "matrix_fragments.h"

namespace halyard::simulator {

Element find_element(std::string_view name) {
  static const std::string_view names[] = {"f16", "bf16", "tf32", "s8", "u8", "e4m3", "e5m2", "f64", "f32", "s32"};
  for (int i = 0; i < 10; ++i)
    if (names[i] == name) return static_cast<Element>(i);
  return Element::none;
}

std::uint32_t element_bytes(Element element) {
  static const std::uint32_t bytes[] = {2, 2, 4, 1, 1, 1, 1, 8, 4, 4, 0};
  return bytes[static_cast<int>(element)];
}

int counter_of(Element element) {
  static const int counters[] = {0, 0, 1, 2, 2, 3, 3, 4, 0, 2, 0};
  return counters[static_cast<int>(element)];
}

namespace {

using u32 = std::uint32_t;
using u16 = std::uint16_t;

// mma of M × 8 × K, M = 8 or 16. Fragments as the PTX manual draws them: a lane's group is lane / 4, its place within
// the group lane % 4; a register holds neighbours along K.
// op.immediate: types of d, a, b, c (8 bits each), M, K (8 bits each); list: d, a, b, c registers.

Shape shape_of(const MicroOp& op) {
  const auto byte = [&](int i) { return static_cast<int>(op.immediate >> (8 * i) & 255); };
  return {static_cast<Element>(byte(0)),
          static_cast<Element>(byte(1)),
          static_cast<Element>(byte(2)),
          static_cast<Element>(byte(3)),
          byte(4),
          byte(5)};
}

template <class T, int per>
int read_b(const Warp& w, const u32* list, const Shape& s, T* b) {
  const int registers = 8 * s.k / (lanes * per);
  T values[4 * lanes];
  for (int r = 0; r < registers; ++r) {
    unpack(s.b, w.at<u32>(list[r]), values);
    T* rows = b + r * 4 * per * 8;
    for (int k = 0; k < 4 * per; ++k)
      for (int group = 0; group < 8; ++group) rows[k * 8 + group] = values[group * 4 * per + k];
  }
  return registers;
}

/// Accumulators: two neighbours of a row, in one register of pairs or in two. Of 8 rows of 8, lane l has the elements 2 l
/// and 2 l + 1.
template <class T>
int read_c(const Warp& w, const u32* list, const Shape& s, T* c) {
  T even[4 * lanes], odd[4 * lanes];
  int next = 0;
  for (int half = 0; half < s.m / 8; ++half, c += 2 * lanes) {
    unpack(s.c, w.at<u32>(list[next++]), even);
    if (s.c == Element::f16) {
      std::copy_n(even, 2 * lanes, c);
      continue;
    }
    unpack(s.c, w.at<u32>(list[next++]), odd);
    for (int l = 0; l < lanes; ++l) c[2 * l] = even[l], c[2 * l + 1] = odd[l];
  }
  return next;
}

template <class T>
void write_d(Warp& w, const u32* list, const Shape& s, const T* d) {
  int next = 0;
  for (int half = 0; half < s.m / 8; ++half, d += 2 * lanes) {
    if (s.d == Element::f16) {
      u32* to = w.at<u32>(list[next++]);
      for (int l = 0; l < lanes; ++l)
        to[l] = float_to_half(static_cast<float>(d[2 * l])) | u32{float_to_half(static_cast<float>(d[2 * l + 1]))} << 16;
      continue;
    }
    T* even = w.at<T>(list[next++]);
    T* odd = w.at<T>(list[next++]);
#pragma GCC ivdep
    for (int l = 0; l < lanes; ++l) even[l] = d[2 * l], odd[l] = d[2 * l + 1];
  }
}

bool whole_warp(Warp& w, const MicroOp& op) {
  if (w.mask == all_lanes) return true;
  w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(w.mask), 0, 0,
                   "a matrix instruction that only some lanes of the warp reach", LaunchError::illegal_instruction);
  return false;
}

template <class T, int per>
void multiply(Warp& w, const MicroOp& op) {
  if (!whole_warp(w, op)) return;
  const Shape s = shape_of(op);
  alignas(32) T a[16 * 32], b[32 * 8], c[16 * 8];
  const u32* list = w.list(op);
  const int results = s.d == Element::f16 ? s.m / 8 : s.m / 4;
  const int count_a = read_a<T, per>(w, list + results, s, a);
  const int count_b = read_b<T, per>(w, list + results + count_a, s, b);
  read_c(w, list + results + count_a + count_b, s, c);
  if (s.m == 16 && s.k == 16)
    multiply_add(a, b, c, 16, 8, 16);
  else
    multiply_add(a, b, c, s.m, 8, s.k);
  write_d(w, list, s, c);
  w.worker->counters().matrix_multiply_adds[counter_of(s.a)] += static_cast<std::uint64_t>(s.m * 8 * s.k);
}

/// m8n8k4 of doubles.
void multiply_double(Warp& w, const MicroOp& op) {
  if (!whole_warp(w, op)) return;
  const u32* list = w.list(op);
  double a[8 * 4], b[4 * 8], c[8 * 8];
  const double *from_a = w.at<double>(list[2]), *from_b = w.at<double>(list[3]);
  for (int l = 0; l < lanes; ++l) a[l] = from_a[l], b[(l & 3) * 8 + (l >> 2)] = from_b[l];
  for (int i = 0; i < 2; ++i)
    for (int l = 0; l < lanes; ++l) c[(l >> 2) * 8 + 2 * (l & 3) + i] = w.at<double>(list[4 + i])[l];
  multiply_add(a, b, c, 8, 8, 4);
  for (int i = 0; i < 2; ++i)
    for (int l = 0; l < lanes; ++l) w.at<double>(list[i])[l] = c[(l >> 2) * 8 + 2 * (l & 3) + i];
  w.worker->counters().matrix_multiply_adds[4] += 8 * 8 * 4;
}

bool parse_shape(std::string_view text, int& m, int& n, int& k) {
  if (text.empty() || text[0] != 'm') return false;
  const std::size_t at_n = text.find('n'), at_k = text.find('k');
  if (at_n == std::string_view::npos || at_k == std::string_view::npos) return false;
  m = std::atoi(std::string(text.substr(1, at_n - 1)).c_str());
  n = std::atoi(std::string(text.substr(at_n + 1, at_k - at_n - 1)).c_str());
  k = std::atoi(std::string(text.substr(at_k + 1)).c_str());
  return m > 0 && n > 0 && k > 0;
}

}  // namespace

namespace decoders {

void mma(Emitter& emitter) {
  int m = 0, n = 0, k = 0;
  for (const std::string_view part : emitter.statement().parts)
    if (parse_shape(part, m, n, k)) break;
  if (emitter.has("sp") || emitter.has("satfinite") || emitter.has("block_scale") || n != 8) emitter.unsupported();
  const Element d = find_element(emitter.type(3)), a = find_element(emitter.type(2)), b = find_element(emitter.type(1)),
                c = find_element(emitter.type(0));
  if (d == Element::none || a == Element::none || b == Element::none || c == Element::none) emitter.unsupported();
  if (a == Element::f16 && b == Element::f16 && m == 8 && k == 4) return mma_quad_pairs(emitter);
  const bool is_double = a == Element::f64, is_integer = d == Element::s32;
  const bool is_known = is_double               ? m == 8 && k == 4
                        : is_integer            ? (m == 16 && (k == 16 || k == 32)) || (m == 8 && k == 16)
                        : element_bytes(a) == 4 ? m == 16 && (k == 4 || k == 8)
                        : element_bytes(a) == 2 ? m == 16 && (k == 8 || k == 16)
                                                : m == 16 && (k == 16 || k == 32);
  if (!is_known || emitter.operands() != 4) emitter.unsupported();
  std::vector<u32> list;
  const auto add = [&](const Operand& operand, bool is_result) {
    const std::vector<Operand> elements =
        operand.kind == Operand::Kind::vector ? operand.elements : std::vector<Operand>{operand};
    for (const Operand& x : elements)
      list.push_back(is_result ? emitter.destination(x) : is_double ? emitter.wide(x, true) : emitter.narrow(x, true));
  };
  for (std::size_t i = 0; i < 4; ++i) add(emitter.operand(i), i == 0);
  if (!is_double) {
    const int per_a = 4 / static_cast<int>(element_bytes(a)),
              accumulators = (d == Element::f16 ? m / 8 : m / 4) + (c == Element::f16 ? m / 8 : m / 4);
    if (static_cast<int>(list.size()) != accumulators + (m + 8) * k / (lanes * per_a))
      emitter.fail("a wrong number of registers");
  }
  const std::uint32_t size = element_bytes(a);
  const Handler handler = is_double    ? multiply_double
                          : is_integer ? multiply<std::int32_t, 4>
                          : size == 4  ? multiply<float, 1>
                          : size == 2  ? multiply<float, 2>
                                       : multiply<float, 4>;
  MicroOp& op = emitter.emit(handler, InstructionClass::matrix);
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
  const auto code = [](Element element) { return static_cast<std::uint64_t>(element); };
  op.immediate = code(d) | code(a) << 8 | code(b) << 16 | code(c) << 24 | static_cast<std::uint64_t>(m) << 32 |
                 static_cast<std::uint64_t>(k) << 40;
}

}  // namespace decoders
}  // namespace halyard::simulator
