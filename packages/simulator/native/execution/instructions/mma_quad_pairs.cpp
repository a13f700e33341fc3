#include <cstdint>
#include <vector>

#include "../worker.h"
#include "decoders.h"
#include "lanewise.h"
#include "matrix_elements.h"

namespace halyard::simulator {
namespace {

using u16 = std::uint16_t;
using u32 = std::uint32_t;

// mma.m8n8k4 of halves, made for Volta: four products of 8 × 8 × 4 at once, each by eight lanes: four neighbours of the
// lower half of the warp (rows or columns 0 to 3) and the four 16 lanes above them (4 to 7).
// list: D (8 floats or 4 pairs), A (2 pairs), B (2 pairs), C (as D).
constexpr u16 column_major_a = 1, row_major_b = 2, half_d = 4, half_c = 8;
constexpr int m = 8, n = 8, k = 4, products = 4, upper = 16;

struct Place {
  int row, column;
};

/// Of element `i` of an accumulator in a lane: floats are spread, halves are one row per lane.
Place place_of(int lane, int i, bool is_half) {
  const int base = lane < upper ? 0 : 4;
  if (is_half) return {base + (lane & 3), i};
  return {base + (lane & 1) + (i & 2), (i & 4) + (lane & 2) + (i & 1)};
}

void unpack_pairs(const Warp& w, const u32* list, float (&to)[lanes][4]) {
  for (int pair = 0; pair < 2; ++pair) {
    const u32* words = w.at<u32>(list[pair]);
    for (int l = 0; l < lanes; ++l) {
      to[l][2 * pair] = half_to_float(static_cast<u16>(words[l]));
      to[l][2 * pair + 1] = half_to_float(static_cast<u16>(words[l] >> 16));
    }
  }
}

float accumulator(const Warp& w, const u32* list, int lane, int i, bool is_half) {
  if (!is_half) return w.at<float>(list[i])[lane];
  return half_to_float(static_cast<u16>(w.at<u32>(list[i / 2])[lane] >> (i & 1 ? 16 : 0)));
}

void multiply(Warp& w, const MicroOp& op) {
  if (w.mask != all_lanes) {
    w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(w.mask), 0, 0,
                     "a matrix instruction that only some lanes of the warp reach", LaunchError::illegal_instruction);
    return;
  }
  const u32* list = w.list(op);
  const int results = op.flags & half_d ? 4 : 8;
  float parts_a[lanes][4], parts_b[lanes][4], sums[products][m][n];
  unpack_pairs(w, list + results, parts_a);
  unpack_pairs(w, list + results + 2, parts_b);
  for (int l = 0; l < lanes; ++l)
    for (int i = 0; i < 8; ++i) {
      const auto [row, column] = place_of(l, i, op.flags & half_c);
      sums[l % upper / 4][row][column] = accumulator(w, list + results + 4, l, i, op.flags & half_c);
    }
  float a[products][m][k], b[products][k][n];
  for (int l = 0; l < lanes; ++l)
    for (int i = 0; i < 4; ++i) {
      const int product = l % upper / 4, base = l < upper ? 0 : 4, place = l & 3;
      if (op.flags & column_major_a)
        a[product][base + i][place] = parts_a[l][i];
      else
        a[product][base + place][i] = parts_a[l][i];
      if (op.flags & row_major_b)
        b[product][place][base + i] = parts_b[l][i];
      else
        b[product][i][base + place] = parts_b[l][i];
    }
  for (int p = 0; p < products; ++p) multiply_add(&a[p][0][0], &b[p][0][0], &sums[p][0][0], m, n, k);
  for (int l = 0; l < lanes; ++l)
    for (int i = 0; i < 8; ++i) {
      const auto [row, column] = place_of(l, i, op.flags & half_d);
      const float value = sums[l % upper / 4][row][column];
      if (op.flags & half_d)
        w.at<u16>(list[i / 2])[2 * l + (i & 1)] = float_to_half(value);
      else
        w.at<float>(list[i])[l] = value;
    }
  w.worker->counters().matrix_multiply_adds[counter_of(Element::f16)] += products * m * n * k;
}

}  // namespace

namespace decoders {

void mma_quad_pairs(Emitter& emitter) {
  const auto& parts = emitter.statement().parts;
  std::size_t at = 0;
  while (at < parts.size() && parts[at] != "m8n8k4") ++at;
  if (at + 2 >= parts.size() || emitter.operands() != 4) emitter.unsupported();
  const bool d_is_half = emitter.type(3) == "f16", c_is_half = emitter.type(0) == "f16";
  u16 flags = 0;
  if (parts[at + 1] == "col") flags |= column_major_a;
  if (parts[at + 2] == "row") flags |= row_major_b;
  if (d_is_half) flags |= half_d;
  if (c_is_half) flags |= half_c;
  const std::size_t counts[] = {d_is_half ? 4u : 8u, 2, 2, c_is_half ? 4u : 8u};
  std::vector<u32> list;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<Operand>& elements = emitter.operand(i).elements;
    if (elements.size() != counts[i]) emitter.fail("a wrong number of registers");
    for (const Operand& x : elements) list.push_back(i == 0 ? emitter.destination(x) : emitter.narrow(x, true));
  }
  MicroOp& op = emitter.emit(multiply, InstructionClass::matrix);
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
  op.flags = flags;
}

}  // namespace decoders
}  // namespace halyard::simulator
