import { encodeTensorMap, type TensorMapOptions } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { hopper } from './hopper.js';
import { deviceWith, int, noise } from './programs.js';

describe('mbarrier', () => {
  it('lets one warp produce and another consume, phase by phase', async () => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void relay(const float* a, float* b, int n) {
        __shared__ float s[32]; __shared__ u64 full, empty;
        if (threadIdx.x == 0) { barrier_init(&full, 32); barrier_init(&empty, 32); }
        __syncthreads();
        const int lane = threadIdx.x % 32;
        for (int i = 0; i < n; ++i)
          if (threadIdx.x < 32) {
            barrier_wait(&empty, (i + 1) & 1); s[lane] = a[32 * i + lane]; barrier_arrive(&full);
          } else {
            barrier_wait(&full, i & 1); b[32 * i + lane] = 2 * s[31 - lane]; barrier_arrive(&empty);
          }
      }`,
      'sm_90a',
    );
    const steps = 600;
    const a = noise(32 * steps);
    const b = program.room(128 * steps);
    const result = await program.run('relay', { block: [64] }, program.put(a), b, int(steps));
    expect(result).toMatchObject({ error: null, findings: [] });
    const expected = a.map((_, i) => 2 * a[(i & ~31) + 31 - (i & 31)]!);
    expect(program.floats(b, 32 * steps)).toEqual(expected);
  });

  it('gives states to wait for, counts arrivals, drops out, and is invalidated', async () => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void states(int* out) {
        __shared__ u64 barrier; const u32 b = shared_address(&barrier);
        if (threadIdx.x != 0) return;
        barrier_init(&barrier, 3);
        asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], 64;" :: "r"(b) : "memory");
        u64 first, second, third; u32 count; int done[5];
        asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1];" : "=l"(first) : "r"(b) : "memory");
        asm volatile("mbarrier.pending_count.b64 %0, %1;" : "=r"(count) : "l"(first));
        #define TEST(i, state) asm volatile("{ .reg .pred p; mbarrier.test_wait.shared::cta.b64 p, [%1], %2; \\
          selp.s32 %0, 1, 0, p; }" : "=r"(done[i]) : "r"(b), "l"(state) : "memory");
        TEST(0, first)
        asm volatile("mbarrier.arrive.noComplete.shared::cta.b64 %0, [%1], 1;" : "=l"(second) : "r"(b) : "memory");
        TEST(1, second)
        asm volatile("mbarrier.arrive_drop.shared::cta.b64 %0, [%1];" : "=l"(third) : "r"(b) : "memory");
        TEST(2, third)
        asm volatile("mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%0], 64;" :: "r"(b) : "memory");
        TEST(3, third)
        asm volatile("mbarrier.arrive.shared::cta.b64 %0, [%1], 2;" : "=l"(first) : "r"(b) : "memory");
        TEST(4, first)
        asm volatile("mbarrier.inval.shared::cta.b64 [%0];" :: "r"(b) : "memory");
        out[0] = count; for (int i = 0; i < 5; ++i) out[1 + i] = done[i];
      }`,
      'sm_90a',
    );
    const out = program.room(24);
    const { findings, error } = await program.run('states', { block: [32] }, out);
    expect({ findings, error }).toEqual({ findings: [], error: null });
    expect([...program.integers(out, 6)]).toEqual([3, 0, 0, 0, 1, 1]);
  });
});

describe('copies of threads', () => {
  it.each([
    ['of their own', 'copy_arrive_noinc(&full[i % 2]);'],
    ['that each thread follows with its own', 'copy_arrive(&full[i % 2]); barrier_arrive(&full[i % 2]);'],
  ])('are waited for at an mbarrier, by arrivals %s', async (_, arrive) => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void relay(const float* a, float* b, int n) {
        __shared__ alignas(16) float s[2][128]; __shared__ u64 full[2], empty[2];
        if (threadIdx.x < 2) { barrier_init(&full[threadIdx.x], 32); barrier_init(&empty[threadIdx.x], 32); }
        __syncthreads();
        const int lane = threadIdx.x % 32;
        for (int i = 0; i < n; ++i)
          if (threadIdx.x < 32) {
            barrier_wait(&empty[i % 2], (i / 2 + 1) & 1);
            copy_async(&s[i % 2][4 * lane], a + 128 * i + 4 * lane);
            ${arrive}
          } else {
            barrier_wait(&full[i % 2], i / 2 & 1);
            for (int j = lane; j < 128; j += 32) b[128 * i + j] = s[i % 2][127 - j];
            barrier_arrive(&empty[i % 2]);
          }
      }`,
      'sm_90a',
    );
    const steps = 600;
    const a = noise(128 * steps);
    const b = program.room(512 * steps);
    const result = await program.run('relay', { block: [64] }, program.put(a), b, int(steps));
    expect(result).toMatchObject({ error: null, findings: [] });
    const expected = a.map((_, i) => a[(i & ~127) + 127 - (i & 127)]!);
    expect(program.floats(b, 128 * steps)).toEqual(expected);
  });

  it('may be waited for by their group as well as at an mbarrier', async () => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void both(const float* a, float* b) {
        __shared__ alignas(16) float s[128]; __shared__ u64 full, read;
        if (threadIdx.x == 0) { barrier_init(&full, 32); barrier_init(&read, 64); }
        __syncthreads();
        const int lane = threadIdx.x % 32;
        if (threadIdx.x < 32) {
          copy_async(&s[4 * lane], a + 4 * lane);
          copy_arrive_noinc(&full);
          asm volatile("cp.async.wait_all;" ::: "memory");
          b[4 * lane] = s[4 * lane];
        } else {
          barrier_wait(&full, 0);
          b[4 * lane + 1] = s[4 * lane + 1];
        }
        barrier_arrive(&read); barrier_wait(&read, 0);
        if (threadIdx.x < 32) {
          copy_async(&s[4 * lane], a + 128 + 4 * lane);
          barrier_wait(&full, 0);
          asm volatile("cp.async.wait_all;" ::: "memory");
          b[4 * lane + 2] = s[4 * lane + 2];
        }
      }`,
      'sm_90a',
    );
    const a = noise(256);
    const b = program.room(512);
    const { findings, error } = await program.run('both', { block: [64] }, program.put(a), b);
    expect({ findings, error }).toEqual({ findings: [], error: null });
    const expected = Array.from({ length: 32 }, (_, i) => [a[4 * i], a[4 * i + 1], a[4 * i + 130]]);
    const found = program.floats(b, 128);
    expect(Array.from({ length: 32 }, (_, i) => [...found.subarray(4 * i, 4 * i + 3)])).toEqual(expected);
  });
});

describe('bulk copies', () => {
  it('bring bytes to shared memory and back, in whole sectors', async () => {
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void pass(const float* a, float* b) {
        __shared__ alignas(16) float s[256]; __shared__ u64 barrier;
        if (threadIdx.x == 0) {
          asm volatile("cp.async.bulk.prefetch.L2.global [%0], 1024;" :: "l"(a) : "memory");
          barrier_init(&barrier, 1); fence_proxy(); barrier_expect(&barrier, 1024);
          bulk_load(s, a, 512, &barrier); bulk_load(s + 128, a + 128, 512, &barrier);
        }
        __syncthreads();
        barrier_wait(&barrier, 0);
        s[threadIdx.x] *= 2;
        fence_proxy();
        __syncthreads();
        if (threadIdx.x == 0) { bulk_store(b, s, 1024); bulk_commit(); bulk_wait(); }
      }`,
      'sm_90a',
    );
    const a = noise(256);
    const b = program.room(1024);
    const result = await program.run('pass', { block: [256] }, program.put(a), b);
    expect(result).toMatchObject({ error: null, findings: [] });
    expect(program.floats(b, 256)).toEqual(a.map((x) => 2 * x));
    expect(result.counters).toMatchObject({
      globalLoadRequests: 2,
      globalLoadSectors: 32,
      globalLoadBytes: 1024,
      globalStoreRequests: 1,
      globalStoreSectors: 32,
    });
    expect(result.counters.warpInstructions.copy).toBe(5);
  });
});

const tiles = `${hopper} extern "C" __global__ void tile(const __grid_constant__ TensorMap from,
    const __grid_constant__ TensorMap to, int x, int y, int bytes, u32* raw) {
  extern __shared__ __align__(1024) char s[]; __shared__ u64 barrier;
  if (threadIdx.x == 0) {
    asm volatile("prefetch.tensormap [%0];" :: "l"(&from) : "memory");
    asm volatile("cp.async.bulk.prefetch.tensor.2d.L2.global [%0, {%1, %2}];" :: "l"(&from), "r"(x), "r"(y) : "memory");
    barrier_init(&barrier, 1); fence_proxy();
    barrier_expect(&barrier, bytes); tile_load(s, &from, x, y, &barrier);
  }
  __syncthreads();
  barrier_wait(&barrier, 0);
  for (int i = threadIdx.x; i < bytes / 4; i += blockDim.x) raw[i] = ((const u32*)s)[i];
  __syncthreads();
  if (threadIdx.x == 0) { tile_store(&to, x, y, s); bulk_commit(); bulk_wait_read(); }
}`;

describe('copies of tiles', () => {
  it.each([
    ['none', 24],
    [32, 8],
    [64, 16],
    [128, 32],
  ] as const)(
    'put rows in place with a swizzle of %s, zeros outside, and write nothing there',
    async (swizzle, width) => {
      const program = await deviceWith(tiles, 'sm_90a');
      const [columns, rows, height] = [52, 37, 16];
      const a = Float32Array.from({ length: rows * columns }, (_, i) => i + 1);
      const from = program.put(a);
      const to = program.put(new Float32Array(rows * columns).fill(-1));
      const shape = {
        dataType: 'float32',
        dimensions: [columns, rows],
        strides: [4 * columns],
        box: [width, height],
        swizzle,
      } as const satisfies Omit<TensorMapOptions, 'address'>;
      const maps = [from, to].map((address) => encodeTensorMap({ ...shape, address }));
      const bytes = width * height * 4;
      const raw = program.room(bytes);
      for (const [x, y] of [
        [8, 4],
        [columns - 4, rows - 3],
        [-4, -2],
      ] as const) {
        const start = { block: [64], shared: bytes } as const;
        const { findings, error } = await program.run(
          'tile',
          { ...start, block: [64] },
          maps[0]!,
          maps[1]!,
          int(x),
          int(y),
          int(bytes),
          raw,
        );
        expect({ findings, error }).toEqual({ findings: [], error: null });
        const units = swizzle === 'none' ? 1 : swizzle / 16;
        const found = program.floats(raw, width * height);
        const inside = (c: number, r: number) => c >= 0 && c < columns && r >= 0 && r < rows;
        for (let r = 0; r < height; ++r)
          for (let c = 0; c < width; ++c) {
            const byte = 4 * (r * width + c);
            const place = 16 * (Math.floor(byte / 16) ^ (Math.floor(byte / 128) % units)) + (byte % 16);
            const value = inside(x + c, y + r) ? a[(y + r) * columns + x + c]! : 0;
            expect(found[place / 4], `row ${r}, column ${c}`).toBe(value);
          }
        const written = program.floats(to, rows * columns);
        const expected = a.map((value, i) => {
          const [c, r] = [i % columns, Math.floor(i / columns)];
          return c >= x && c < x + width && r >= y && r < y + height ? value : -1;
        });
        expect(written).toEqual(expected);
        program.device.write(to, new Float32Array(rows * columns).fill(-1));
      }
    },
  );

  it.each([1, 3, 4, 5] as const)('have %i dimensions, with steps between elements', async (rank) => {
    const places = Array.from({ length: rank }, (_, i) => `%${3 + i}`).join(', ');
    const coordinates = Array.from({ length: rank }, (_, i) => `"r"(${i + 1})`).join(', ');
    const program = await deviceWith(
      `${hopper} extern "C" __global__ void boxes(const __grid_constant__ TensorMap map, int bytes, u32* out) {
        extern __shared__ __align__(128) u32 s[]; __shared__ u64 barrier;
        if (threadIdx.x == 0) {
          barrier_init(&barrier, 1); fence_proxy(); barrier_expect(&barrier, bytes);
          asm volatile("cp.async.bulk.tensor.${rank}d.shared::cluster.global.tile.mbarrier::complete_tx::bytes"
            " [%0], [%1, {${places}}], [%2];"
            :: "r"(shared_address(s)), "l"(&map), "r"(shared_address(&barrier)), ${coordinates} : "memory");
        }
        __syncthreads();
        barrier_wait(&barrier, 0);
        for (int i = threadIdx.x; i < bytes / 4; i += 32) out[i] = s[i];
      }`,
      'sm_90a',
    );
    const dimensions = [8, 5, 6, 7, 8].slice(0, rank);
    const box = [4, 3, 4, 2, 5].slice(0, rank);
    const elementStrides = [1, 2, 1, 2, 3].slice(0, rank);
    const pitch = [1, 8, 40, 240, 1680];
    const strides = pitch.slice(1, rank).map((elements) => 4 * elements);
    const count = dimensions.reduce((product, size) => product * size, 1);
    const address = program.put(Int32Array.from({ length: count }, (_, i) => i + 1));
    const map = encodeTensorMap({ dataType: 'int32', address, dimensions, strides, box, elementStrides });
    const extents = box.map((size, d) => Math.ceil(size / elementStrides[d]!));
    const length = extents.reduce((product, size) => product * size, 1);
    const out = program.room(4 * length);
    const result = await program.run('boxes', { block: [32], shared: 4 * length }, map, int(4 * length), out);
    expect(result).toMatchObject({ error: null, findings: [] });
    const expected = Array.from({ length }, (_, at) => {
      let [left, value, inside] = [at, 1, true];
      for (let d = 0; d < rank; ++d) {
        const place = d + 1 + (left % extents[d]!) * elementStrides[d]!;
        left = Math.floor(left / extents[d]!);
        inside = inside && place < dimensions[d]!;
        value += place * pitch[d]!;
      }
      return inside ? value : 0;
    });
    expect([...program.integers(out, length)]).toEqual(expected);
  });

  it('refuses maps that the driver refuses', () => {
    const map = { dataType: 'float16', address: 256n, dimensions: [64, 64], strides: [128], box: [64, 64] } as const;
    expect(encodeTensorMap(map)).toHaveLength(128);
    expect(() => encodeTensorMap({ ...map, address: 8n })).toThrow(/global address that is no multiple of 16/);
    expect(() => encodeTensorMap({ ...map, strides: [130] })).toThrow(/stride of 130 bytes/);
    expect(() => encodeTensorMap({ ...map, box: [64, 257] })).toThrow(/box of 257/);
    expect(() => encodeTensorMap({ ...map, box: [64, 64], swizzle: 64 })).toThrow(/longer than the swizzle of 64/);
    expect(() => encodeTensorMap({ ...map, box: [64] })).toThrow(/another rank/);
  });
});
