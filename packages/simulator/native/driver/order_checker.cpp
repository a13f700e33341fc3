#include "order_checker.h"

namespace halyard::simulator {

namespace {

bool is_same(const Accessor& a, const Accessor& b) { return a.lane == b.lane && a.epoch == b.epoch; }

}  // namespace

/// Makes `address` a border between cells; gives back the first cell at or after it.
OrderChecker::Cells::iterator OrderChecker::split(std::uint64_t address) {
  auto after = cells_.lower_bound(address);
  if (after == cells_.begin()) return after;
  auto before = std::prev(after);
  if (before->second.end <= address) return after;
  Cell rest = before->second;
  before->second.end = address;
  return cells_.emplace_hint(after, address, std::move(rest));
}

void OrderChecker::visit(Cell& cell, std::uint64_t begin, const Accessor& accessor, const Clock& clock, bool is_write,
                         std::vector<OrderViolation>& out) {
  const auto compare = [&](const Accessor& earlier, bool earlier_writes) {
    if (earlier.epoch == 0 || is_same(earlier, accessor) || clock.of(earlier.lane) >= earlier.epoch) return;
    if (!out.empty() && out.back().end == begin && out.back().first == *earlier.what &&
        out.back().first_writes == earlier_writes && out.back().second_writes == is_write) {
      out.back().end = cell.end;
      return;
    }
    out.push_back({begin, cell.end, earlier_writes, is_write, *earlier.what, *accessor.what});
  };
  compare(cell.writer, true);
  if (is_write) {
    for (const Accessor& reader : cell.readers) compare(reader, false);
    cell.writer = accessor;
    cell.readers.clear();
    return;
  }
  // Of one lane the last reader stands for those before.
  for (Accessor& reader : cell.readers)
    if (reader.lane == accessor.lane) {
      reader = accessor;
      return;
    }
  cell.readers.push_back(accessor);
}

std::vector<OrderViolation> OrderChecker::record(const Accessor& accessor, const Clock& clock,
                                                 const std::vector<AccessedRange>& ranges) {
  const std::lock_guard lock(mutex_);
  std::vector<OrderViolation> violations;
  for (const AccessedRange& range : ranges) {
    if (range.begin >= range.end) continue;
    split(range.end);
    auto cell = split(range.begin);
    std::uint64_t at = range.begin;
    while (at < range.end) {
      if (cell == cells_.end() || cell->first > at) {
        // Nobody was here yet.
        const std::uint64_t end = cell == cells_.end() ? range.end : std::min(cell->first, range.end);
        Cell fresh;
        fresh.end = end;
        cell = cells_.emplace_hint(cell, at, std::move(fresh));
      }
      visit(cell->second, at, accessor, clock, range.is_write, violations);
      at = cell->second.end;
      // Neighbours that this operation has overwritten are one again.
      if (range.is_write && cell != cells_.begin()) {
        auto before = std::prev(cell);
        if (before->second.end == cell->first && before->second.readers.empty() &&
            is_same(before->second.writer, accessor)) {
          before->second.end = at;
          cells_.erase(cell);
          cell = before;
        }
      }
      ++cell;
    }
  }
  return violations;
}

void OrderChecker::forget(std::uint64_t begin, std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  split(end);
  for (auto cell = split(begin); cell != cells_.end() && cell->first < end;) cell = cells_.erase(cell);
}

}  // namespace halyard::simulator
