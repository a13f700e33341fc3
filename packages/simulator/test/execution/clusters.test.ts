import { describe, expect, it } from 'vitest';
import { hopper } from './hopper.js';
import { deviceWith, int } from './programs.js';

const kernel = `${hopper} extern "C" __global__ void map(int rank, int* out) {
  __shared__ int s[32]; __shared__ u64 barrier;
  s[threadIdx.x] = threadIdx.x;
  if (threadIdx.x == 0) barrier_init(&barrier, 32);
  __syncthreads();
  u32 own, size, mapped, mapped_barrier, found, value; u64 generic;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(own));
  asm volatile("mov.u32 %0, %%cluster_nctarank;" : "=r"(size));
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped) : "r"(shared_address(s)), "r"(rank));
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(mapped_barrier) : "r"(shared_address(&barrier)), "r"(rank));
  asm volatile("mapa.u64 %0, %1, %2;" : "=l"(generic) : "l"(s), "r"(rank));
  asm volatile("getctarank.shared::cluster.u32 %0, %1;" : "=r"(found) : "r"(mapped));
  asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(value) : "r"(mapped + 4 * (31 - threadIdx.x)) : "memory");
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" :: "r"(mapped_barrier) : "memory");
  barrier_wait(&barrier, 0);
  out[threadIdx.x] = 1000 * size + 100 * (own + found) + value + ((int*)generic)[threadIdx.x];
}`;

describe('a cluster', () => {
  it('of one block is that block: its ranks, its mapped addresses, its mbarriers', async () => {
    const program = await deviceWith(kernel, 'sm_90a');
    const out = program.room(128);
    const result = await program.run('map', { block: [32] }, int(0), out);
    expect(result).toMatchObject({ error: null, findings: [] });
    expect([...program.integers(out, 32)]).toEqual(Array(32).fill(1031));
  });

  it('of one block meets at its barrier, with work between arriving and waiting', async () => {
    const meet = (barrier: string) => `extern "C" __global__ void meet(int* out) {
      __shared__ int s[64];
      for (int i = 0; i < 3; ++i) {
        s[threadIdx.x] = 10 * i + threadIdx.x; ${barrier}
        out[threadIdx.x] = s[63 - threadIdx.x]; ${barrier}
      } }`;
    const arrive = 'asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");';
    const wait = 'asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");';
    const program = await deviceWith(meet(`${arrive} ${wait}`), 'sm_90a');
    const out = program.room(256);
    const result = await program.run('meet', { block: [64] }, out);
    expect(result).toMatchObject({ error: null, findings: [] });
    expect([...program.integers(out, 64)]).toEqual(Array.from({ length: 64 }, (_, i) => 83 - i));
    const broken = await deviceWith(meet(arrive), 'sm_90a');
    const { findings } = await broken.run('meet', { block: [64] }, broken.room(256));
    expect(findings.map((finding) => finding.kind)).toContain('uninitialized-read');
  });

  it('of more blocks is refused where the memory of another is asked for', async () => {
    const program = await deviceWith(kernel, 'sm_90a');
    const { module } = program;
    const out = program.room(128);
    const launch = { module, kernel: 'map', grid: [2], block: [32], cluster: [2], arguments: [int(1), out] } as const;
    const { error, findings } = await program.device.launch(launch);
    expect(error).toBe('illegal-instruction');
    expect(findings).toMatchObject([{ kind: 'invalid-instruction', block: [0, 0, 0] }]);
    expect(findings[0]!.explanation).toContain('shared memory of block 1 of the cluster');
    await expect(
      deviceWith(
        `${hopper} extern "C" __global__ void many(const char* from) {
          __shared__ alignas(16) char s[64]; __shared__ u64 barrier;
          asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
            "[%0], [%1], 64, [%2], %3;"
            :: "r"(shared_address(s)), "l"(from), "r"(shared_address(&barrier)), "h"((short)3) : "memory"); }`,
        'sm_90a',
      ),
    ).rejects.toThrow(/copies to several blocks of a cluster/);
  });
});
