#include <algorithm>
#include <queue>

#include "control_flow.h"

namespace halyard::simulator {
namespace {

using Set = std::vector<std::uint64_t>;

bool contains(const Set& set, std::int32_t reg) {
  return (set[reg >> 6] >> (reg & 63)) & 1;
}
void insert(Set& set, std::int32_t reg) {
  set[reg >> 6] |= std::uint64_t{1} << (reg & 63);
}

struct Interval {
  std::uint32_t begin = 0xffffffff, end = 0;
  void cover(std::uint32_t position) {
    begin = std::min(begin, position);
    end = std::max(end, position);
  }
};

/// From the first place where a register may be live to the last, in the order of the text.
std::vector<Interval> lifetimes(const FunctionSyntax& function, const ControlFlow& flow) {
  const std::size_t words = function.registers.size() / 64 + 1, count = flow.blocks.size();
  std::vector<Set> used(count, Set(words)), defined(count, Set(words)), in(count, Set(words)), out(count, Set(words));
  std::vector<Interval> result(function.registers.size());
  for (std::size_t b = 0; b < count; ++b)
    for (std::uint32_t i = flow.blocks[b].begin; i < flow.blocks[b].end; ++i)
      visit_registers(function.statements[i], [&](std::int32_t reg, bool is_definition) {
        result[reg].cover(2 * i + (is_definition ? 1 : 0));
        if (is_definition)
          insert(defined[b], reg);
        else if (!contains(defined[b], reg))
          insert(used[b], reg);
      });
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t b = count; b-- > 0;)
      for (std::size_t w = 0; w < words; ++w) {
        std::uint64_t live = 0;
        for (std::uint32_t s : flow.blocks[b].successors) live |= in[s][w];
        out[b][w] = live;
        live = (live & ~defined[b][w]) | used[b][w];
        if (live != in[b][w]) in[b][w] = live, changed = true;
      }
  }
  for (std::size_t b = 0; b < count; ++b)
    for (std::size_t w = 0; w < words; ++w)
      for (std::size_t bit = 0; bit < 64; ++bit) {
        const std::uint64_t mask = std::uint64_t{1} << bit;
        if (in[b][w] & mask) result[w * 64 + bit].cover(2 * flow.blocks[b].begin);
        if (out[b][w] & mask) result[w * 64 + bit].cover(2 * flow.blocks[b].end);
      }
  return result;
}

std::uint32_t bytes_of(Width width) {
  switch (width) {
    case Width::predicate:
      return 4;
    case Width::bits16:
    case Width::bits32:
      return 128;
    case Width::bits64:
      return 256;
    case Width::bits128:
      return 512;
  }
  return 128;
}

}  // namespace

RegisterAssignment assign_registers(const FunctionSyntax& function, const ControlFlow& flow, std::uint32_t first_byte) {
  RegisterAssignment result;
  const std::vector<Interval> intervals = lifetimes(function, flow);
  result.slots.resize(function.registers.size());
  // Predicates are small: each has a word of its own.
  std::uint32_t next = first_byte;
  for (std::size_t r = 0; r < function.registers.size(); ++r)
    if (function.registers[r].width == Width::predicate) result.slots[r] = next, next += 4;
  next = (next + 127) / 128 * 128;

  std::vector<std::uint32_t> order;
  for (std::uint32_t r = 0; r < function.registers.size(); ++r)
    if (function.registers[r].width != Width::predicate && intervals[r].begin <= intervals[r].end) order.push_back(r);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return intervals[a].begin < intervals[b].begin; });
  using Active = std::pair<std::uint32_t, std::uint32_t>;  // end, register
  std::priority_queue<Active, std::vector<Active>, std::greater<>> active;
  std::vector<std::uint32_t> unused[3];  // by size: 1, 2, 4 words
  std::uint32_t live = 0;
  for (std::uint32_t r : order) {
    while (!active.empty() && active.top().first < intervals[r].begin) {
      const std::uint32_t gone = active.top().second;
      const std::uint32_t bytes = bytes_of(function.registers[gone].width);
      unused[bytes / 256].push_back(result.slots[gone]);
      live -= bytes / 128;
      active.pop();
    }
    const std::uint32_t bytes = bytes_of(function.registers[r].width);
    auto& places = unused[bytes / 256];
    if (places.empty()) {
      result.slots[r] = next;
      next += bytes;
    } else {
      result.slots[r] = places.back();
      places.pop_back();
    }
    active.emplace(intervals[r].end, r);
    live += bytes / 128;
    result.most_live = std::max(result.most_live, live);
  }
  result.bytes = next;
  return result;
}

}  // namespace halyard::simulator
