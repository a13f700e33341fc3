#include <algorithm>

#include "worker.h"

// What a frame holds before the first instruction: literals, addresses, special registers.

namespace halyard::simulator {

void place_thread(const Dimensions& block, std::uint32_t number, std::uint32_t (&thread)[3]) {
  thread[0] = number % block.x;
  thread[1] = number / block.x % block.y;
  thread[2] = number / block.x / block.y;
}

std::uint64_t Worker::special(const Warp& warp, SpecialRegister which, int lane) const {
  const LaunchConfiguration& configuration = context_.configuration;
  const Dimensions &grid = configuration.grid, &block = configuration.block, &cluster = configuration.cluster;
  std::uint32_t thread[3];
  place_thread(block, warp.index * lanes + lane, thread);
  const std::uint32_t* index = warp.block->index;
  const std::uint32_t bit = 1u << lane;
  const std::uint32_t inside[3] = {index[0] % cluster.x, index[1] % cluster.y, index[2] % cluster.z};
  switch (which) {
    case SpecialRegister::tid_x:
      return thread[0];
    case SpecialRegister::tid_y:
      return thread[1];
    case SpecialRegister::tid_z:
      return thread[2];
    case SpecialRegister::ntid_x:
      return block.x;
    case SpecialRegister::ntid_y:
      return block.y;
    case SpecialRegister::ntid_z:
      return block.z;
    case SpecialRegister::ctaid_x:
      return index[0];
    case SpecialRegister::ctaid_y:
      return index[1];
    case SpecialRegister::ctaid_z:
      return index[2];
    case SpecialRegister::nctaid_x:
      return grid.x;
    case SpecialRegister::nctaid_y:
      return grid.y;
    case SpecialRegister::nctaid_z:
      return grid.z;
    case SpecialRegister::laneid:
      return static_cast<std::uint64_t>(lane);
    case SpecialRegister::warpid:
      return warp.index;
    case SpecialRegister::nwarpid:
      return warp.block->warps.size();
    case SpecialRegister::smid: {
      const std::uint64_t number = index[0] + std::uint64_t{grid.x} * (index[1] + std::uint64_t{grid.y} * index[2]);
      return number % std::max(1u, configuration.device.multiprocessors);
    }
    case SpecialRegister::nsmid:
      return configuration.device.multiprocessors;
    case SpecialRegister::lanemask_eq:
      return bit;
    case SpecialRegister::lanemask_lt:
      return bit - 1;
    case SpecialRegister::lanemask_le:
      return bit | (bit - 1);
    case SpecialRegister::lanemask_gt:
      return ~(bit | (bit - 1));
    case SpecialRegister::lanemask_ge:
      return ~(bit - 1);
    case SpecialRegister::clusterid_x:
      return index[0] / cluster.x;
    case SpecialRegister::clusterid_y:
      return index[1] / cluster.y;
    case SpecialRegister::clusterid_z:
      return index[2] / cluster.z;
    case SpecialRegister::nclusterid_x:
      return grid.x / cluster.x;
    case SpecialRegister::nclusterid_y:
      return grid.y / cluster.y;
    case SpecialRegister::nclusterid_z:
      return grid.z / cluster.z;
    case SpecialRegister::cluster_ctaid_x:
      return inside[0];
    case SpecialRegister::cluster_ctaid_y:
      return inside[1];
    case SpecialRegister::cluster_ctaid_z:
      return inside[2];
    case SpecialRegister::cluster_nctaid_x:
      return cluster.x;
    case SpecialRegister::cluster_nctaid_y:
      return cluster.y;
    case SpecialRegister::cluster_nctaid_z:
      return cluster.z;
    case SpecialRegister::cluster_ctarank:
      return warp.block->rank;
    case SpecialRegister::cluster_nctarank:
      return cluster.count();
    case SpecialRegister::is_explicit_cluster:
      return cluster.count() > 1;
    case SpecialRegister::dynamic_smem_size:
      return configuration.dynamic_shared_bytes;
    case SpecialRegister::total_smem_size:
      return context_.shared_bytes;
    case SpecialRegister::warp_size:
      return lanes;
    default:
      return 0;
  }
}

void Worker::fill_constants(const Program& program, Warp& warp, std::byte* frame, bool literals) const {
  if (literals) *reinterpret_cast<std::uint32_t*>(frame) = ~0u;
  for (const ConstantSlot& constant : program.constants) {
    const bool is_special = constant.source == ConstantSlot::Source::special;
    if (!literals && !is_special) continue;
    auto* narrow = reinterpret_cast<std::uint32_t*>(frame + constant.slot);
    auto* wide = reinterpret_cast<std::uint64_t*>(frame + constant.slot);
    std::uint64_t value = constant.bits;
    switch (constant.source) {
      case ConstantSlot::Source::literal:
        break;
      case ConstantSlot::Source::special:
        break;
      case ConstantSlot::Source::global: {
        std::uint64_t bytes = 0;
        context_.module.find_global(context_.module.module().globals()[constant.bits].name, value, bytes);
        break;
      }
      case ConstantSlot::Source::shared:
        break;
      case ConstantSlot::Source::external_shared:
        value = context_.kernel.dynamic_shared_offset;
        break;
      case ConstantSlot::Source::local:
        value += warp.local_base;
        break;
    }
    value += static_cast<std::uint64_t>(constant.addend);
    for (int l = 0; l < lanes; ++l) {
      if (is_special) value = special(warp, static_cast<SpecialRegister>(constant.bits), l);
      if (constant.is_wide)
        wide[l] = value;
      else
        narrow[l] = static_cast<std::uint32_t>(value);
    }
  }
}

}  // namespace halyard::simulator
