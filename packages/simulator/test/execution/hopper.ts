/** Instructions of sm_90a as functions of CUDA C++: mbarriers, bulk copies and products of warpgroups. */
export const hopper = `
typedef unsigned u32; typedef unsigned long long u64;
struct alignas(64) TensorMap { u64 words[16]; };
__device__ u32 shared_address(const void* p) { return (u32)__cvta_generic_to_shared(p); }
__device__ bool elect() {
  u32 is_chosen;
  asm volatile("{ .reg .pred p; elect.sync _|p, 0xffffffff; selp.u32 %0, 1, 0, p; }" : "=r"(is_chosen));
  return is_chosen; }
__device__ void barrier_init(u64* b, u32 count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(shared_address(b)), "r"(count) : "memory"); }
__device__ void barrier_expect(u64* b, u32 bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" :: "r"(shared_address(b)), "r"(bytes) : "memory"); }
__device__ void barrier_arrive(u64* b) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" :: "r"(shared_address(b)) : "memory"); }
__device__ void barrier_wait(u64* b, u32 parity) {
  asm volatile("{ .reg .pred p; again: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1; @!p bra again; }"
    :: "r"(shared_address(b)), "r"(parity) : "memory"); }
__device__ void fence_proxy() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
__device__ void fence_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
__device__ void bulk_load(void* to, const void* from, u32 bytes, u64* b) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];"
    :: "r"(shared_address(to)), "l"(from), "r"(bytes), "r"(shared_address(b)) : "memory"); }
__device__ void copy_async(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(shared_address(to)), "l"(from) : "memory"); }
__device__ void copy_arrive(u64* b) {
  asm volatile("cp.async.mbarrier.arrive.shared::cta.b64 [%0];" :: "r"(shared_address(b)) : "memory"); }
__device__ void copy_arrive_noinc(u64* b) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" :: "r"(shared_address(b)) : "memory"); }
__device__ void bulk_store(void* to, const void* from, u32 bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;"
    :: "l"(to), "r"(shared_address(from)), "r"(bytes) : "memory"); }
__device__ void tile_load(void* to, const TensorMap* map, int x, int y, u64* b) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];"
    :: "r"(shared_address(to)), "l"(map), "r"(x), "r"(y), "r"(shared_address(b)) : "memory"); }
__device__ void tile_store(const TensorMap* map, int x, int y, const void* from) {
  asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];"
    :: "l"(map), "r"(x), "r"(y), "r"(shared_address(from)) : "memory"); }
__device__ void bulk_multicast(void* to, const void* from, u32 bytes, u64* b, short blocks) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], %4;"
    :: "r"(shared_address(to)), "l"(from), "r"(bytes), "r"(shared_address(b)), "h"(blocks) : "memory"); }
__device__ void tile_multicast(void* to, const TensorMap* map, int x, int y, u64* b, short blocks) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
    "[%0], [%1, {%2, %3}], [%4], %5;"
    :: "r"(shared_address(to)), "l"(map), "r"(x), "r"(y), "r"(shared_address(b)), "h"(blocks) : "memory"); }
__device__ u32 cluster_rank() { u32 rank; asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank)); return rank; }
__device__ u32 address_in(u32 rank, const void* p) {
  u32 mapped;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(shared_address(p)), "r"(rank));
  return mapped; }
__device__ void barrier_arrive_in(u32 rank, const u64* b) {
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" :: "r"(address_in(rank, b)) : "memory"); }
__device__ void cluster_arrive() { asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory"); }
__device__ void cluster_wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }
__device__ void cluster_sync() { cluster_arrive(); cluster_wait(); }
__device__ void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
__device__ void bulk_wait_read() { asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory"); }
__device__ void bulk_wait() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }
__device__ void products_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ void products_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int kept = 0> __device__ void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" :: "n"(kept) : "memory"); }
`;

export interface Product {
  readonly n: number;
  readonly k: number;
  readonly d: 'f32' | 'f16' | 's32';
  readonly a: string;
  readonly b?: string;
  /** A comes from registers. */
  readonly inRegisters?: boolean;
  readonly transposed?: readonly [a: boolean, b: boolean];
  readonly signs?: readonly [a: 1 | -1, b: 1 | -1];
}

/** `__device__ void product(d, [a,] descriptorA, descriptorB, adds)`: one wgmma.mma_async of 64 × n × k. */
export function productFunction(product: Product): string {
  const { n, k, d, a, b = a, inRegisters = false, transposed = [false, false], signs = [1, 1] } = product;
  const count = d === 'f16' ? n / 4 : n / 2;
  const type = d === 'f32' ? 'float' : 'u32';
  const places = (from: number, length: number) => Array.from({ length }, (_, i) => `%${from + i}`).join(', ');
  const aPlaces = inRegisters ? 4 : 1;
  const flags = d === 's32' ? [] : [...signs];
  const wide = a === 'f16' || a === 'bf16';
  if (wide && !inRegisters) flags.push(transposed[0] ? 1 : (0 as never));
  if (wide) flags.push(transposed[1] ? 1 : (0 as never));
  const operands = [
    `{${places(0, count)}}`,
    inRegisters ? `{${places(count, 4)}}` : `%${count}`,
    `%${count + aPlaces}`,
    'p',
    ...flags,
  ].join(', ');
  const outputs = Array.from({ length: count }, (_, i) => `"+${d === 'f32' ? 'f' : 'r'}"(d[${i}])`).join(', ');
  const inputs = inRegisters ? Array.from({ length: 4 }, (_, i) => `"r"(a[${i}])`).join(', ') : '"l"(a)';
  return `__device__ void product(${type}* d, ${inRegisters ? 'const u32* a' : 'u64 a'}, u64 b, int adds) {
    asm volatile("{ .reg .pred p; setp.ne.b32 p, %${count + aPlaces + 1}, 0; "
      "wgmma.mma_async.sync.aligned.m64n${n}k${k}.${d}.${a}.${b} ${operands}; }"
      : ${outputs} : ${inputs}, "l"(b), "r"(adds)); }`;
}
