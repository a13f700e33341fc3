#include "warpgroup.h"

#include <algorithm>
#include <span>

#include "../worker.h"

namespace halyard::simulator {
namespace {

Warpgroup& group_of(Warp& warp) {
  return warp.block->warpgroups[warp.index / Warpgroup::warps];
}

std::span<Warp> warps_of(Warp& warp) {
  std::vector<Warp>& all = warp.block->warps;
  const std::size_t first = warp.index / Warpgroup::warps * Warpgroup::warps;
  return std::span(all).subspan(first, std::min<std::size_t>(Warpgroup::warps, all.size() - first));
}

bool all_have_issued(Warp& warp, std::uint32_t products) {
  const auto warps = warps_of(warp);
  return std::all_of(warps.begin(), warps.end(), [&](const Warp& w) { return w.products_issued >= products; });
}

/// The first warp that waits ends a product for all four.
void complete(Warp& warp, std::uint32_t products) {
  Warpgroup& group = group_of(warp);
  if (products > group.completed) {
    Block& block = *warp.block;
    for (Warp& other : warps_of(warp))
      std::erase_if(other.product_reads, [&](const AsynchronousRead& read) {
        if (read.sequence >= products) return false;
        for (const std::uint16_t g : read.granules) {
          block.reads_in_flight.end(g);
          block.shadow.land_read(warp, g * ReadsInFlight::granule, ReadsInFlight::granule);
        }
        return true;
      });
    group.completed = products;
    land(warp, group.released);
  }
  acquire(warp, group.released);
  ++warp.block->cluster->completed_waits;
}

}  // namespace

bool begin_issue(Warp& warp, const MicroOp& op, std::uint64_t descriptor_a, std::uint64_t descriptor_b) {
  Warpgroup& group = group_of(warp);
  const Warpgroup::Product product{op.id, descriptor_a, descriptor_b};
  const std::uint32_t place = warp.products_issued - group.first_open;
  if (place == group.open.size()) group.open.push_back(product);
  if (group.open[place] != product) {
    warp.worker->report(warp, op, FindingKind::invalid_instruction, 0, 0, 0,
                        "a product that another warp of the warpgroup issues with another instruction or descriptor",
                        LaunchError::illegal_instruction);
    return false;
  }
  while (!group.open.empty() && all_have_issued(warp, group.first_open + 1)) {
    group.open.pop_front();
    ++group.first_open;
  }
  return true;
}

void finish_issue(Warp& warp, AsynchronousRead read) {
  read.group = warp.product_group;
  read.sequence = warp.products_issued++;
  warp.product_reads.push_back(std::move(read));
  for (Warp& other : warps_of(warp)) {
    if (other.awaited_products == 0 || !all_have_issued(warp, other.awaited_products)) continue;
    complete(other, other.awaited_products);
    other.awaited_products = 0;
    other.waiting_op = nullptr;
    other.state = WarpState::ready;
  }
}

void wait_for_products(Warp& warp, const MicroOp& op, std::uint32_t kept) {
  const std::uint32_t end =
      warp.product_group > kept ? warp.product_group - kept : 0;  // groups before it are waited for
  warp.products.finish(end);
  std::uint32_t products = 0;
  for (const AsynchronousRead& read : warp.product_reads)
    if (read.group < end) products = std::max(products, read.sequence + 1);
  if (all_have_issued(warp, products)) return complete(warp, products);
  warp.awaited_products = products;
  warp.waiting_op = &op;
  warp.state = WarpState::waiting;
}

}  // namespace halyard::simulator
