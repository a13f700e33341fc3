import { encodeTensorMap } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { hopper } from './hopper.js';
import { deviceWith, int, noise } from './programs.js';

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

describe('a cluster of one block', () => {
  it('is that block: its ranks, its mapped addresses, its mbarriers', async () => {
    const program = await deviceWith(kernel, 'sm_90a');
    const out = program.room(128);
    const result = await program.run('map', { block: [32] }, int(0), out);
    expect(result).toMatchObject({ error: null, findings: [] });
    expect([...program.integers(out, 32)]).toEqual(Array(32).fill(1031));
  });

  it('meets at its barrier, with work between arriving and waiting', async () => {
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
});

/** A kernel of clusters of two, with memory for one number per thread. */
const pair = (body: string) => `${hopper}
  extern "C" __global__ void __cluster_dims__(2, 1, 1) pair(const float* input, int* out) {
    __shared__ alignas(128) int s[256]; __shared__ u64 barrier;
    const u32 rank = cluster_rank(), other = rank ^ 1;
    const int thread = threadIdx.x, place = blockIdx.x * blockDim.x + thread;
    ${body} }`;

async function runPair(body: string, blocks = 2, threads = 64) {
  const program = await deviceWith(pair(body), 'sm_90a');
  const input = program.put(noise(256));
  const out = program.room(4 * blocks * threads);
  const result = await program.run('pair', { grid: [blocks], block: [threads] }, input, out);
  const kinds = result.findings.map(({ kind }) => kind);
  return { ...result, kinds, numbers: [...program.integers(out, blocks * threads)] };
}

const [blocks, threads] = [4, 64];
const perThread = (value: (block: number, thread: number) => number) =>
  Array.from({ length: blocks * threads }, (_, i) => value(Math.floor(i / threads), i % threads));

describe('blocks of a cluster', () => {
  it('know their place in it, along each dimension of the grid', async () => {
    const program = await deviceWith(
      `extern "C" __global__ void places(int* out) {
        u32 rank, count, x, y, nx, ny, cx, cy, ncx, ncy, is_explicit;
        #define GET(to, name) asm volatile("mov.u32 %0, %%" name ";" : "=r"(to));
        GET(rank, "cluster_ctarank") GET(count, "cluster_nctarank") GET(x, "cluster_ctaid.x") GET(y, "cluster_ctaid.y")
        GET(nx, "cluster_nctaid.x") GET(ny, "cluster_nctaid.y") GET(cx, "clusterid.x") GET(cy, "clusterid.y")
        GET(ncx, "nclusterid.x") GET(ncy, "nclusterid.y")
        asm volatile("{ .reg .pred p; mov.pred p, %%is_explicit_cluster; selp.u32 %0, 1, 0, p; }" : "=r"(is_explicit));
        const u32 all[11] = {rank, count, x, y, nx, ny, cx, cy, ncx, ncy, is_explicit};
        for (int i = 0; i < 11; ++i) out[11 * (blockIdx.x + gridDim.x * blockIdx.y) + i] = all[i]; }`.replaceAll(
        'u32 ',
        'unsigned ',
      ),
      'sm_90a',
    );
    const out = program.room(4 * 11 * 24);
    const result = await program.run('places', { grid: [6, 4], block: [1], cluster: [3, 2] }, out);
    expect(result).toMatchObject({ error: null, findings: [] });
    const found = program.integers(out, 11 * 24);
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 6; x++) {
        const at = 11 * (x + 6 * y);
        const [insideX, insideY] = [x % 3, y % 2];
        const expected = [insideX + 3 * insideY, 6, insideX, insideY, 3, 2, Math.floor(x / 3), y >> 1, 2, 2, 1];
        expect([...found.slice(at, at + 11)]).toEqual(expected);
      }
  });

  it('read, write and update the shared memory of each other between barriers of the cluster', async () => {
    const { error, findings, numbers } = await runPair(
      `s[thread] = 1000 * rank + thread; s[64 + thread] = 0;
      cluster_sync();
      int value; u32 old;
      asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(value) : "r"(address_in(other, s + 63 - thread)) : "memory");
      asm volatile("st.shared::cluster.u32 [%0], %1;" :: "r"(address_in(other, s + 128 + thread)), "r"(place) : "memory");
      asm volatile("atom.shared::cluster.add.u32 %0, [%1], 1;" : "=r"(old) : "r"(address_in(0, s + 64)) : "memory");
      asm volatile("red.shared::cluster.add.u32 [%0], 2;" :: "r"(address_in(thread & 1, s + 65)) : "memory");
      u64 generic; asm volatile("mapa.u64 %0, %1, %2;" : "=l"(generic) : "l"(s + thread), "r"(other));
      value += *(int*)generic;
      cluster_sync();
      out[place] = value + 10000 * s[64] + 10000000 * s[65] + s[128 + thread];`,
      blocks,
    );
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    expect(numbers).toEqual(
      perThread((block, thread) => {
        const [rank, twin] = [block % 2, block ^ 1];
        const read = 2 * 1000 * (rank ^ 1) + 63;
        const counts = 10000 * (rank === 0 ? 128 : 0) + 10000000 * (2 * 64);
        return read + counts + twin * threads + thread;
      }),
    );
  });

  it('hand work to each other through mbarriers, phase by phase', async () => {
    const { error, findings, numbers } = await runPair(
      `__shared__ u64 turns[2];
      if (thread < 2) barrier_init(turns + thread, 64);
      cluster_sync();
      int sum = 0;
      for (int i = 0; i < 300; ++i) {
        asm volatile("st.shared::cluster.u32 [%0], %1;" :: "r"(address_in(other, s + thread + 64 * (i & 1))), "r"(i + thread) : "memory");
        barrier_arrive_in(other, turns + (i & 1));
        barrier_wait(turns + (i & 1), i >> 1 & 1);
        sum += s[63 - thread + 64 * (i & 1)];
      }
      cluster_sync();
      out[place] = sum;`,
      blocks,
    );
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    expect(numbers).toEqual(perThread((_, thread) => 300 * (63 - thread) + (300 * 299) / 2));
  });

  const multicast = (fill: string, bytes = 512) => `
    if (thread == 0) { barrier_init(&barrier, 1); fence_init(); barrier_expect(&barrier, ${bytes}); }
    cluster_sync();
    ${fill}
    barrier_wait(&barrier, 0);
    out[place] = s[thread] ^ s[64 + thread];
    cluster_sync();`;
  const half = 'bulk_multicast(s + 64 * rank, input + 64 * rank, 256, &barrier, 3);';

  it('get what one of them copies, which is read once', async () => {
    const { error, findings, numbers, counters } = await runPair(multicast(`if (thread == 0) ${half}`), blocks);
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    const bits = new Int32Array(noise(256).buffer);
    expect(numbers).toEqual(perThread((_, thread) => bits[thread]! ^ bits[64 + thread]!));
    expect(counters).toMatchObject({
      globalLoadRequests: 4,
      globalLoadSectors: (4 * 256) / 32,
      globalMulticastSectors: (4 * 256) / 32,
    });
  });

  it('get tiles of a tensor in the same way, swizzled alike', async () => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void __cluster_dims__(2, 1, 1)
        tiles(const __grid_constant__ TensorMap map, u32* raw) {
        __shared__ alignas(1024) u32 s[512]; __shared__ u64 barrier;
        const u32 rank = cluster_rank();
        if (threadIdx.x == 0) { barrier_init(&barrier, 1); fence_init(); barrier_expect(&barrier, 2048); }
        cluster_sync();
        if (threadIdx.x == 0) tile_multicast(s + 256 * rank, &map, 32, 8 * rank, &barrier, 3);
        barrier_wait(&barrier, 0);
        for (int i = threadIdx.x; i < 512; i += 32) raw[512 * rank + i] = s[i];
        cluster_sync(); }`,
      'sm_90a',
    );
    const input = program.put(Uint32Array.from({ length: 64 * 16 }, (_, i) => i));
    const map = encodeTensorMap({
      dataType: 'int32',
      address: input,
      dimensions: [64, 16],
      strides: [256],
      box: [32, 8],
      swizzle: 128,
    });
    const raw = program.room(4096);
    const { error, findings, counters } = await program.run('tiles', { grid: [2], block: [32] }, map, raw);
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    const chunk = (row: number, x: number) => (((x >> 2) ^ (row & 7)) << 2) | (x & 3);
    const tile = Array.from({ length: 512 }, (_, i) => 64 * (i >> 5) + 32 + chunk(i >> 5, i & 31));
    expect([...program.integers(raw, 1024)]).toEqual([...tile, ...tile]);
    expect(counters).toMatchObject({ globalLoadSectors: 64, globalMulticastSectors: 64 });
  });

  it('store to each other asynchronously, counted by an mbarrier', async () => {
    const store = (wait: string) => `
      if (thread == 0) { barrier_init(&barrier, 1); barrier_expect(&barrier, 64 * 12); }
      cluster_sync();
      const u32 there = address_in(other, &barrier);
      asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];"
        :: "r"(address_in(other, s + thread)), "r"(place), "r"(there) : "memory");
      asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v2.b32 [%0], {%1, %2}, [%3];"
        :: "r"(address_in(other, s + 64 + 2 * thread)), "r"(10), "r"(rank), "r"(there) : "memory");
      ${wait}
      out[place] = s[thread] + 1000 * s[64 + 2 * thread] + 100000 * s[65 + 2 * thread];
      cluster_sync();`;
    const { error, findings, numbers } = await runPair(store('barrier_wait(&barrier, 0);'), blocks);
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    expect(numbers).toEqual(
      perThread((block, thread) => (block ^ 1) * threads + thread + 10_000 + 100_000 * (1 - (block % 2))),
    );
    expect((await runPair(store('cluster_sync();'))).kinds).toContain('copy-not-waited-for');
  });

  it('copy from their shared memory to that of another', async () => {
    const { error, findings, numbers } = await runPair(
      `if (thread == 0) { barrier_init(&barrier, 1); fence_init(); barrier_expect(&barrier, 256); }
      s[thread] = place; fence_proxy();
      cluster_sync();
      if (thread == 0)
        asm volatile("cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%0], [%1], 256, [%2];"
          :: "r"(address_in(other, s + 64)), "r"(shared_address(s)), "r"(address_in(other, &barrier)) : "memory");
      barrier_wait(&barrier, 0);
      out[place] = s[64 + thread];
      cluster_sync();`,
      blocks,
    );
    expect({ error, findings }).toEqual({ error: null, findings: [] });
    expect(numbers).toEqual(perThread((block, thread) => (block ^ 1) * threads + thread));
  });

  it('are simulated together where only one of them is asked for', async () => {
    const program = await deviceWith(pair('cluster_sync(); out[place] = rank;'), 'sm_90a');
    const out = program.room(4 * 8 * 32);
    const { module } = program;
    const { counters } = await program.device.launch({
      module,
      kernel: 'pair',
      grid: [8],
      block: [32],
      arguments: [program.put(noise(1)), out],
      firstBlock: 5,
      blockCount: 1,
    });
    expect(counters).toMatchObject({ blocks: 2, warps: 2 });
    expect([...program.integers(out, 8 * 32)].slice(4 * 32, 6 * 32)).toEqual([
      ...Array(32).fill(0),
      ...Array(32).fill(1),
    ]);
  });

  it('are launched as the kernel requires or the launch asks, or not at all', async () => {
    const program = await deviceWith(pair('out[place] = rank;'), 'sm_90a');
    const values = [program.put(noise(1)), program.room(4 * 64)] as const;
    const message = async (grid: number, cluster?: [number]) =>
      (await program.run('pair', { grid: [grid], block: [32], ...(cluster && { cluster }) }, ...values)).message;
    expect(await message(2)).toBe('');
    expect(await message(3)).toBe('a grid that is no multiple of the cluster');
    expect(await message(4, [4])).toBe('a cluster other than the kernel requires');
    const old = await deviceWith('extern "C" __global__ void plain() {}', 'sm_80');
    const refused = await old.run('plain', { grid: [2], block: [32], cluster: [2] });
    expect(refused.message).toBe('a cluster, which sm_90 introduced');
  });

  describe('that do wrong are found by name:', () => {
    const exchange = (before: string, after: string) => `
      s[thread] = place; ${before}
      int value;
      asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(value) : "r"(address_in(other, s + thread)) : "memory");
      ${after}
      out[place] = value;`;

    it('no barrier of the cluster before the memory of another is used', async () => {
      expect((await runPair(exchange('cluster_sync();', 'cluster_sync();'))).kinds).toEqual([]);
      const { kinds, findings } = await runPair(exchange('__syncthreads();', 'cluster_sync();'));
      expect(kinds).toContain('block-not-running');
      expect(findings.find(({ kind }) => kind === 'block-not-running')!.explanation).toMatch(
        /block 1 of the cluster, which may not have begun/,
      );
    });

    it('a block that ends while another uses its memory', async () => {
      const { kinds, findings } = await runPair(exchange('cluster_sync();', ''));
      expect(new Set(kinds)).toEqual(new Set(['block-not-running']));
      expect(findings[0]!.explanation).toMatch(/ends while block \d of the cluster uses its shared memory|has ended/);
    });

    it('a race between blocks', async () => {
      const race = (who: string) => `
        s[thread] = 0; cluster_sync();
        if (${who}) asm volatile("st.shared::cluster.u32 [%0], %1;" :: "r"(address_in(0, s + thread)), "r"(rank) : "memory");
        cluster_sync(); out[place] = s[thread];`;
      expect((await runPair(race('rank == 1'))).kinds).toEqual([]);
      const { kinds, findings } = await runPair(race('true'));
      expect(kinds).toEqual(['shared-memory-race']);
      expect(findings[0]!.explanation).toMatch(
        /warp \d of the cluster's block 0, the other warp \d of the cluster's block 1/,
      );
    });

    it('a release by a relaxed arrival, unless a fence stands before it', async () => {
      const relaxed = 'asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory"); cluster_wait();';
      const fence = 'asm volatile("fence.acq_rel.cluster;" ::: "memory");';
      expect((await runPair(exchange(relaxed, 'cluster_sync();'))).kinds).toEqual(['shared-memory-race']);
      expect((await runPair(exchange(fence + relaxed, 'cluster_sync();'))).kinds).toEqual([]);
    });

    it('an instruction for the own block that is given an address of another', async () => {
      const result = await runPair(`s[thread] = 0; cluster_sync();
        asm volatile("st.shared.u32 [%0], %1;" :: "r"(address_in(other, s + thread)), "r"(1) : "memory"); cluster_sync();`);
      expect(result).toMatchObject({ error: 'illegal-address', kinds: ['out-of-bounds'] });
      expect(result.findings[0]!.explanation).toContain("reaches the block's own alone");
      expect(await runPair(`out[place] = address_in(2, s);`)).toMatchObject({
        error: 'illegal-instruction',
        findings: [{ explanation: 'block 2 of a cluster of 2 blocks' }],
      });
    });

    it('a barrier of the cluster that a block does not reach, or arrives at twice', async () => {
      const missed = await runPair(`if (rank == 0) { s[0] = 0; barrier_init(&barrier, 1); barrier_wait(&barrier, 0); }
        cluster_sync();`);
      expect(missed.error).toBe('launch-timeout');
      expect(missed.findings.map(({ explanation }) => explanation)).toContainEqual(
        expect.stringMatching(/cluster's barrier, at which \d+ of 128 threads have arrived/),
      );
      const twice = await runPair('cluster_arrive(); cluster_arrive(); cluster_wait();');
      expect(twice.findings[0]!.explanation).toContain('a second arrival');
      const unasked = await runPair('cluster_wait();');
      expect(unasked.findings[0]!.explanation).toContain('no arrival before');
    });

    it('a multicast over what another block still reads', async () => {
      const again = (release: string) =>
        multicast(`if (thread == 0) ${half}`).replace(
          'out[place] = s[thread] ^ s[64 + thread];',
          `out[place] = s[thread] ^ s[64 + thread]; ${release}
           if (thread == 0) { barrier_expect(&barrier, 512); ${half} } barrier_wait(&barrier, 1);`,
        );
      expect((await runPair(again('cluster_sync();'))).kinds).toEqual([]);
      expect((await runPair(again('__syncthreads();'))).kinds).toEqual(['shared-memory-race']);
    });

    it('a multicast that is read before it was waited for, or never', async () => {
      const early = multicast(`if (thread == 0) ${half}`).replace('barrier_wait(&barrier, 0);', 'cluster_sync();');
      expect((await runPair(early)).kinds).toContain('copy-not-waited-for');
      const never = multicast(`if (thread == 0) ${half}`)
        .replace('barrier_wait(&barrier, 0);', 'cluster_sync();')
        .replace('out[place] = s[thread] ^ s[64 + thread];', '');
      const { kinds, findings } = await runPair(never);
      expect(kinds).toEqual(['block-not-running']);
      expect(findings[0]!.explanation).toContain('a copy of another block fills its shared memory');
    });

    it('a multicast to blocks that the cluster has not', async () => {
      const result = await runPair(multicast(`if (thread == 0) ${half.replace('3)', '7)')}`));
      expect(result).toMatchObject({ error: 'illegal-instruction', kinds: ['invalid-instruction'] });
      expect(result.findings[0]!.explanation).toBe('a copy to blocks of mask 7 in a cluster of 2');
    });
  });
});
