#pragma once

#include "../worker.h"

namespace halyard::simulator {

/// How far an instruction that names shared memory reaches: .shared::cta, or .shared::cluster.
enum class Reach : std::uint8_t { block, cluster };

/// A place in the shared memory of a block of the cluster; in none if that was reported.
struct SharedPlace {
  Block* block = nullptr;
  std::uint64_t offset = 0;
};

/// The address of a place in a block's shared memory, as all blocks of the cluster know it. (PTX ISA, "mapa")
inline std::uint64_t cluster_address(std::uint32_t rank, std::uint64_t offset) {
  return std::uint64_t{rank + 1} << rank_shift | offset;
}
/// Where an address of shared memory lies, generic or not, whoever may reach it.
SharedPlace locate_shared(const Warp& warp, std::uint64_t address);
/// The same, with no block where the instruction does not reach it.
SharedPlace find_shared(Warp& warp, const MicroOp& op, Reach reach, std::uint64_t address, int lane);
/// Whether another block's shared memory is there while the warp uses it; false ends the launch.
bool visit_block(Warp& warp, const MicroOp& op, Block& other, int lane);
/// The block's last warp ends: what others do to its shared memory has to have happened before.
void end_of_block(Warp& last);

}  // namespace halyard::simulator
