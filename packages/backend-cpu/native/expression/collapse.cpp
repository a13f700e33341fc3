#include <algorithm>
#include <numeric>

#include "tile_compiler.h"

namespace halyard::cpu {
namespace {

std::int64_t magnitude(std::int64_t stride) { return stride < 0 ? -stride : stride; }

template <typename T>
T permuted(const T& list, const std::vector<std::size_t>& order) {
  T result;
  for (std::size_t axis : order) result.push_back(list[axis]);
  return result;
}

/// Applies `change` to each access and target.
template <typename Change>
void for_all(std::vector<Access>& accesses, std::vector<Access>& targets, Change change) {
  for (Access& access : accesses) change(access);
  for (Access& target : targets) change(target);
}

bool is_named(const std::vector<Access>& targets, std::size_t axis) {
  for (const Access& target : targets)
    if (target.rows && target.rows->axis == static_cast<int>(axis)) return true;
  return false;
}

void erase_axis(Access& access, std::size_t axis) {
  access.strides.erase(access.strides.begin() + static_cast<std::ptrdiff_t>(axis));
  if (!access.block.empty()) access.block.erase(access.block.begin() + static_cast<std::ptrdiff_t>(axis));
  if (access.rows && access.rows->axis > static_cast<int>(axis)) access.rows->axis--;
}

bool can_join(const Extents& shape, const std::vector<Access>& accesses, const std::vector<Access>& targets,
              std::size_t outer) {
  auto joins = [&](const Access& access) {
    if (!access.block.empty()) return false;
    if (access.rows && (access.rows->axis == static_cast<int>(outer) || access.rows->axis == static_cast<int>(outer) + 1))
      return false;
    return access.strides[outer] == access.strides[outer + 1] * shape[outer + 1];
  };
  return std::all_of(accesses.begin(), accesses.end(), joins) && std::all_of(targets.begin(), targets.end(), joins);
}

void order_axes(Extents& shape, std::vector<Access>& accesses, std::vector<Access>& targets) {
  const std::vector<Access>& leading = targets.empty() ? accesses : targets;
  if (leading.empty()) return;
  const Access& first = leading[0];
  Extents weights(shape.size());
  for (std::size_t axis = 0; axis < shape.size(); axis++) {
    const bool named = first.rows && first.rows->axis == static_cast<int>(axis);
    weights[axis] = magnitude(named ? first.rows->stride : first.strides[axis]);
  }
  std::vector<std::size_t> order(shape.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&weights](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  shape = permuted(shape, order);
  for_all(accesses, targets, [&order](Access& access) {
    access.strides = permuted(access.strides, order);
    if (!access.block.empty()) access.block = permuted(access.block, order);
    if (!access.rows) return;
    const auto place = std::find(order.begin(), order.end(), static_cast<std::size_t>(access.rows->axis));
    access.rows->axis = static_cast<int>(place - order.begin());
  });
}

}  // namespace

void collapse(Extents& shape, std::vector<Access>& accesses, std::vector<Access>& targets) {
  order_axes(shape, accesses, targets);
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 || is_named(targets, axis)) continue;
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    for_all(accesses, targets, [axis](Access& access) { erase_axis(access, axis); });
  }
  for (std::size_t outer = shape.size(); outer-- > 1;) {
    const std::size_t axis = outer - 1;
    if (!can_join(shape, accesses, targets, axis)) continue;
    shape[axis + 1] *= shape[axis];
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    for_all(accesses, targets, [axis](Access& access) { erase_axis(access, axis); });
  }
  if (!shape.empty()) return;
  shape.push_back(1);
  for_all(accesses, targets, [](Access& access) {
    access.strides.push_back(0);
    if (!access.block.empty()) access.block.push_back(1);
  });
}

}  // namespace halyard::cpu
