import type { Helper } from '../../kernel/helper.js';
import { tensorMapHelper } from '../../kernel/tensor-map.js';

/**
 * Barriers in shared memory that count arrivals and bytes (PTX ISA, "mbarrier"). `parity` is that of the phase that is
 * waited for; of one that has not begun, the phase before it counts as complete.
 */
const barriers: Helper = {
  name: 'memory_barriers',
  text: `
__device__ __forceinline__ void barrier_initialize(unsigned barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(barrier), "r"(arrivals) : "memory");
}
__device__ __forceinline__ void barrier_arrive(unsigned barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" :: "r"(barrier) : "memory");
}
__device__ __forceinline__ void barrier_arrive_expecting(unsigned barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" :: "r"(barrier), "r"(bytes) : "memory");
}
__device__ __forceinline__ void barrier_wait(unsigned barrier, unsigned parity) {
  unsigned is_complete = 0;
  while (!is_complete)
    asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
      : "=r"(is_complete) : "r"(barrier), "r"(parity) : "memory");
}`,
};

/** What threads wrote to shared memory is there for tensor cores and bulk copies, which reach it another way. */
const proxyFence: Helper = {
  name: 'fence_proxy',
  text: `
__device__ __forceinline__ void fence_proxy() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }`,
};

/** Multiplications are issued between `begin` and `commit`; `wait` leaves at most so many groups of them under way. */
const groups: Helper = {
  name: 'warpgroup_groups',
  text: `
__device__ __forceinline__ void warpgroup_begin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void warpgroup_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int Pending>
__device__ __forceinline__ void warpgroup_wait() { asm volatile("wgmma.wait_group.sync.aligned %0;" :: "n"(Pending) : "memory"); }`,
};

export const warpgroupHelpers = { barriers, proxyFence, groups };

/**
 * Blocks of a cluster (PTX ISA, "mapa", "barrier.cluster"): an address of one block's shared memory names the same place
 * in another one, where threads of this block may arrive at its barriers.
 */
export const clusterHelper: Helper = {
  name: 'cluster',
  text: `
__device__ __forceinline__ unsigned cluster_rank() {
  unsigned rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}
__device__ __forceinline__ unsigned address_in_block(unsigned address, unsigned rank) {
  unsigned mapped;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(address), "r"(rank));
  return mapped;
}
__device__ __forceinline__ void barrier_arrive_in_cluster(unsigned barrier) {
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" :: "r"(barrier) : "memory");
}
__device__ __forceinline__ void barrier_wait_for_cluster(unsigned barrier, unsigned parity) {
  unsigned is_complete = 0;
  while (!is_complete)
    asm volatile("{ .reg .pred p; mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p; }"
      : "=r"(is_complete) : "r"(barrier), "r"(parity) : "memory");
}
__device__ __forceinline__ void fence_barriers() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
__device__ __forceinline__ void cluster_synchronize() {
  asm volatile("barrier.cluster.arrive.release; barrier.cluster.wait.acquire;" ::: "memory");
}`,
};

const copies = new Map<string, Helper>();

/**
 * `copy_box_R(to, map, barrier, c0, …)`: one box of a tensor of R dimensions; its bytes arrive at the barrier.
 * `multicast_box_R(to, map, barrier, blocks, c0, …)`: the same into each block of the cluster whose bit is set.
 */
export function copyBoxHelper(rank: number, isMulticast: boolean): Helper {
  const name = `${isMulticast ? 'multicast' : 'copy'}_box_${rank}`;
  const known = copies.get(name);
  if (known) return known;
  const coordinates = Array.from({ length: rank }, (_, axis) => `c${axis}`);
  const parameters = [...(isMulticast ? ['unsigned short blocks'] : []), ...coordinates.map((c) => `int ${c}`)];
  const first = isMulticast ? 4 : 3;
  const places = coordinates.map((_, axis) => `%${axis + first}`).join(', ');
  const [kind, mask, given] = isMulticast ? ['.multicast::cluster', ', %3', '"h"(blocks), '] : ['', '', ''];
  const helper: Helper = {
    name,
    requires: [tensorMapHelper],
    text: `
__device__ __forceinline__ void ${name}(unsigned to, const TensorMap* map, unsigned barrier, ${parameters.join(', ')}) {
  asm volatile("cp.async.bulk.tensor.${rank}d.shared::cluster.global.tile.mbarrier::complete_tx::bytes${kind} [%0], [%1, {${places}}], [%2]${mask};"
    :: "r"(to), "l"(map), "r"(barrier), ${given}${coordinates.map((c) => `"r"(${c})`).join(', ')} : "memory");
}`,
  };
  copies.set(name, helper);
  return helper;
}
