import type { LaunchResult } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { hopper, productFunction } from './hopper.js';
import { descriptor, layoutOf } from './matrix-layouts.js';
import { deviceWith, noise } from './programs.js';

/** The kinds of what is found when a kernel runs with `input` (256 floats) and room for 256 floats. */
async function findings(body: string, threads = 64): Promise<LaunchResult> {
  const program = await deviceWith(
    `${hopper} extern "C" __global__ void faulty(const float* input, float* output) { ${body} }`,
    'sm_90a',
  );
  return program.run('faulty', { block: [threads] }, program.put(noise(256)), program.room(1024));
}

const kinds = ({ findings: found }: LaunchResult) => found.map((finding) => finding.kind);

const load = (rest: string, expected = 1024) => `
  __shared__ alignas(128) float s[256]; __shared__ u64 barrier, other;
  if (threadIdx.x == 0) { barrier_init(&barrier, 1); barrier_init(&other, 1); fence_init(); }
  __syncthreads();
  if (threadIdx.x == 0) { barrier_expect(&barrier, ${expected}); bulk_load(s, input, 1024, &barrier); }
  ${rest}`;

describe('a planted fault of asynchronous copies is found by name', () => {
  it('a read before the mbarrier was waited for', async () => {
    expect(kinds(await findings(load('barrier_wait(&barrier, 0); output[threadIdx.x] = s[threadIdx.x];')))).toEqual([]);
    const result = await findings(load('__syncthreads(); output[threadIdx.x] = s[threadIdx.x];'));
    expect(kinds(result)).toEqual(['copy-not-waited-for']);
    expect(result.findings[0]!.instruction).toContain('ld.shared');
  });

  it('a warp that waits for another mbarrier than that of its copy', async () => {
    const result = await findings(
      load(`if (threadIdx.x < 32) { barrier_wait(&barrier, 0); barrier_arrive(&other); output[threadIdx.x] = s[threadIdx.x]; }
        else { __nanosleep(1); output[threadIdx.x] = s[threadIdx.x]; }`),
    );
    expect(kinds(result)).toEqual(['shared-memory-race']);
  });

  it('a second copy over what another warp still reads', async () => {
    const turn = (release: string) =>
      load(`if (threadIdx.x < 32) {
          if (threadIdx.x == 0) { barrier_wait(&other, 0); barrier_expect(&barrier, 1024); bulk_load(s, input, 1024, &barrier); }
        } else {
          barrier_wait(&barrier, 0); ${release} }`);
    const read = 'output[threadIdx.x] = s[threadIdx.x];';
    const arrive = 'if (threadIdx.x == 32) barrier_arrive(&other);';
    expect(kinds(await findings(turn(`${read} __syncwarp(); ${arrive}`)))).toEqual([]);
    expect(kinds(await findings(turn(`${arrive} __syncwarp(); ${read}`)))).toEqual(['shared-memory-race']);
  });

  it('a phase that never ends, with its block and what is missing', async () => {
    const result = await findings(load('barrier_wait(&barrier, 0);', 1040));
    expect(result.error).toBe('launch-timeout');
    expect(kinds(result)).toEqual(['barrier-deadlock']);
    expect(result.findings[0]).toMatchObject({ block: [0, 0, 0], isError: true });
    expect(result.findings[0]!.explanation).toMatch(/mbarrier at \d+ .* phase 0 never ends: 16 bytes are missing/);
    const arrivals = await findings(load('barrier_wait(&other, 0);'));
    expect(arrivals.findings[0]!.explanation).toMatch(/mbarrier at \d+ .*: 1 of 1 arrivals are missing/);
  });

  it('copies of threads that the arrival at an mbarrier does not stand behind', async () => {
    const relay = (produce: string, wait = 'barrier_wait(&barrier, 0);') =>
      findings(`__shared__ alignas(16) float s[128]; __shared__ u64 barrier;
        const int lane = threadIdx.x % 32;
        if (threadIdx.x == 0) barrier_init(&barrier, 32);
        __syncthreads();
        if (threadIdx.x < 32) { ${produce} }
        else { ${wait} output[lane] = s[4 * lane]; }`);
    const copy = 'copy_async(&s[4 * lane], input + 4 * lane);';
    expect(kinds(await relay(`${copy} copy_arrive_noinc(&barrier);`))).toEqual([]);
    const turned = await relay(`copy_arrive_noinc(&barrier); ${copy}`);
    expect(kinds(turned)).toEqual(['copy-not-waited-for']);
    const plain = await relay(`${copy} barrier_arrive(&barrier);`);
    expect(kinds(plain)).toEqual(['copy-not-waited-for']);
    const unwaited = await relay(`${copy} copy_arrive_noinc(&barrier);`, '__nanosleep(1);');
    expect(kinds(unwaited)).toEqual(['copy-not-waited-for']);
    const endless = await relay(`${copy} copy_arrive(&barrier);`);
    expect(endless.findings[0]!.explanation).toMatch(/mbarrier at \d+ .*: 32 of 32 arrivals are missing/);
  });

  it('more bytes than an mbarrier counts', async () => {
    const result = await findings(load('', 2 ** 20 + 1024));
    expect(result).toMatchObject({ error: 'launch-failed', findings: [{ kind: 'transaction-overflow' }] });
  });

  it('an address or a size that is no multiple of 16', async () => {
    const result = await findings(`__shared__ alignas(16) float s[256]; __shared__ u64 barrier;
      if (threadIdx.x == 0) { barrier_init(&barrier, 1); bulk_load(s + 1, input, 64, &barrier); }`);
    expect(result).toMatchObject({ error: 'misaligned-address', findings: [{ kind: 'misaligned-access' }] });
    const size = await findings(`__shared__ alignas(16) float s[256]; __shared__ u64 barrier;
      if (threadIdx.x == 0) { barrier_init(&barrier, 1); bulk_load(s, input, 40, &barrier); }`);
    expect(size).toMatchObject({ error: 'misaligned-address', findings: [{ kind: 'misaligned-access', bytes: 40 }] });
  });

  it('an mbarrier that nobody initialized', async () => {
    const result = await findings('__shared__ u64 barrier; if (threadIdx.x == 0) barrier_arrive(&barrier);');
    expect(result).toMatchObject({ error: 'illegal-instruction', findings: [{ kind: 'invalid-instruction' }] });
    expect(result.findings[0]!.explanation).toContain('no mbarrier was initialized');
  });

  it('a bulk copy of what stores have written, with no proxy fence', async () => {
    const store = (fence: string) => `__shared__ alignas(16) float s[64];
      s[threadIdx.x] = threadIdx.x; ${fence} __syncthreads();
      if (threadIdx.x == 0) { bulk_store(output, s, 256); bulk_commit(); bulk_wait(); }`;
    expect(kinds(await findings(store('fence_proxy();')))).toEqual([]);
    expect(kinds(await findings(store('')))).toEqual(['missing-proxy-fence']);
  });

  it('a store over what a bulk copy still reads', async () => {
    const store = (wait: string) => `__shared__ alignas(16) float s[64];
      s[threadIdx.x] = threadIdx.x; fence_proxy(); __syncthreads();
      if (threadIdx.x == 0) { bulk_store(output, s, 256); bulk_commit(); ${wait} s[0] = 1; bulk_wait(); }`;
    expect(kinds(await findings(store('bulk_wait_read();')))).toEqual([]);
    expect(kinds(await findings(store('')))).toEqual(['overwritten-in-flight']);
  });
});

const layout = layoutOf('f16', 128, false);
const offsets = [descriptor(layout, 128, 0), descriptor(layout, 128, 8192)];
/** Fills both operands with zeros by ordinary stores, then multiplies 64 × 16 × 16. */
const multiply = (rest: string, fill = 'fence_proxy();', before = 'products_fence();') => `
  extern __shared__ __align__(1024) u32 s[];
  for (int i = threadIdx.x; i < 4096; i += blockDim.x) s[i] = 0;
  ${fill} __syncthreads();
  const u64 base = shared_address(s) >> 4;
  float d[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  ${before}
  product(d, ${offsets[0]}ull + base, ${offsets[1]}ull + base, 1);
  products_commit();
  ${rest}`;
const finish = 'for (int i = 0; i < 8; ++i) output[threadIdx.x] += d[i];';

async function product(body: string, threads = 128): Promise<LaunchResult> {
  const program = await deviceWith(
    `${hopper} ${productFunction({ n: 16, k: 16, d: 'f32', a: 'f16' })}
    extern "C" __global__ void faulty(const float* input, float* output) { ${body} }`,
    'sm_90a',
  );
  return program.run('faulty', { block: [threads], shared: 16384 }, program.put(noise(4)), program.put(noise(128)));
}

describe('a planted fault of asynchronous products is found by name', () => {
  it('none, where all is in order', async () => {
    const result = await product(multiply(`products_wait(); ${finish}`));
    expect(result).toMatchObject({ error: null, findings: [] });
  });

  it('sums read before the product was waited for, or before it was committed', async () => {
    expect(kinds(await product(multiply(`${finish} products_wait();`)))).toContain('product-not-waited-for');
    const uncommitted = multiply(`products_wait(); ${finish}`).replace('products_commit();', '');
    expect(kinds(await product(uncommitted))).toContain('product-not-waited-for');
  });

  it('operands overwritten before the product was waited for', async () => {
    const overwrite = (wait: string) => multiply(`${wait} s[threadIdx.x] = 1; products_wait(); ${finish}`);
    expect(kinds(await product(overwrite('products_wait(); __syncthreads();')))).toEqual([]);
    expect(kinds(await product(overwrite('')))).toContain('overwritten-in-flight');
  });

  it('operands given free before the product was waited for', async () => {
    const turn = (first: string, second: string) => `
      extern __shared__ __align__(1024) u32 s[];
      for (int i = threadIdx.x; i < 4096; i += blockDim.x) s[i] = 0;
      fence_proxy(); __syncthreads();
      if (threadIdx.x < 128) {
        const u64 base = shared_address(s) >> 4;
        float d[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        products_fence(); product(d, ${offsets[0]}ull + base, ${offsets[1]}ull + base, 1); products_commit();
        ${first} asm volatile("barrier.sync 1, 160;" ::: "memory"); ${second}
        ${finish}
      } else {
        asm volatile("barrier.sync 1, 160;" ::: "memory"); s[threadIdx.x] = 1;
      }`;
    expect(kinds(await product(turn('products_wait();', ''), 160))).toEqual([]);
    const [kind] = kinds(await product(turn('', 'products_wait();'), 160));
    expect(['overwritten-in-flight', 'shared-memory-race']).toContain(kind);
  });

  it('operands that stores have written, with no proxy fence', async () => {
    expect(kinds(await product(multiply(`products_wait(); ${finish}`, '')))).toEqual(['missing-proxy-fence']);
  });

  it('registers with no fence before the first product', async () => {
    const result = await product(multiply(`products_wait(); ${finish}`, 'fence_proxy();', ''));
    expect(kinds(result)).toEqual(['missing-product-fence']);
  });

  it('warps that issue different products, and one that issues none', async () => {
    const differing = multiply(`products_wait(); ${finish}`).replace(
      `${offsets[1]}ull + base`,
      `${offsets[1]}ull + base + (threadIdx.x >= 32 ? 64 : 0)`,
    );
    const result = await product(differing);
    expect(result).toMatchObject({ error: 'illegal-instruction', findings: [{ kind: 'invalid-instruction' }] });
    expect(result.findings[0]!.explanation).toContain('another instruction or descriptor');
    const missing = multiply(`products_wait(); ${finish}`).replace('product(d,', 'if (threadIdx.x >= 32) product(d,');
    const deadlock = await product(missing);
    expect(deadlock).toMatchObject({ error: 'launch-timeout', findings: [{ kind: 'barrier-deadlock' }] });
    expect(deadlock.findings[0]!.explanation).toContain('a product that not all warps of the warpgroup have issued');
  });

  it('a descriptor whose swizzle begins at no multiple of its pattern', async () => {
    const shifted = multiply(`products_wait(); ${finish}`).replace(`${offsets[1]}ull`, `${offsets[1]! + 8n}ull`);
    expect(kinds(await product(shifted))).toEqual(['misaligned-access']);
  });

  it('operands beyond the end of shared memory, and patterns that begin anywhere', async () => {
    const far = multiply('products_wait();').replace(`${offsets[1]}ull`, `${descriptor(layout, 128, 16384)}ull`);
    expect(await product(far)).toMatchObject({ error: 'illegal-address', findings: [{ kind: 'out-of-bounds' }] });
    const shifted = multiply('products_wait();').replace(`${offsets[1]}ull`, `${offsets[1]! | (1n << 49n)}ull`);
    const result = await product(shifted);
    expect(result).toMatchObject({ error: 'illegal-instruction', findings: [{ kind: 'invalid-instruction' }] });
    expect(result.findings[0]!.explanation).toContain('base offset');
  });
});
