import { describe, expect, it } from 'vitest';
import { deviceWith, float, fromHalf, int, noise, toHalf } from './programs.js';

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('CUDA C++ programs compiled by NVRTC', () => {
  it('add vectors, and read and write each sector once', async () => {
    const program = await deviceWith(`extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
      int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) c[i] = a[i] + b[i]; }`);
    const n = 1000;
    const [a, b] = [noise(n, 1), noise(n, 2)];
    const c = program.room(4 * n);
    const result = await program.run('add', { grid: [4], block: [256] }, program.put(a), program.put(b), c, int(n));
    expect(result.findings).toEqual([]);
    expect(result.error).toBeNull();
    expect(program.floats(c, n)).toEqual(a.map((x, i) => Math.fround(x + b[i]!)));
    expect(result.counters.globalLoadSectors).toBe(2 * Math.ceil((4 * n) / 32));
    expect(result.counters.globalStoreSectors).toBe(Math.ceil((4 * n) / 32));
    expect(result.counters.divergentBranches).toBe(1);
  });

  it('multiply matrices by tiles in shared memory', async () => {
    const program =
      await deviceWith(`extern "C" __global__ void product(const float* a, const float* b, float* c, int n) {
      __shared__ float left[16][16], right[16][16];
      int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x; float total = 0;
      for (int k = 0; k < n; k += 16) {
        left[threadIdx.y][threadIdx.x] = a[row * n + k + threadIdx.x];
        right[threadIdx.y][threadIdx.x] = b[(k + threadIdx.y) * n + column];
        __syncthreads();
        for (int i = 0; i < 16; ++i) total += left[threadIdx.y][i] * right[i][threadIdx.x];
        __syncthreads();
      }
      c[row * n + column] = total; }`);
    const n = 64;
    const [a, b] = [noise(n * n, 3), noise(n * n, 4)];
    const c = program.room(4 * n * n);
    const result = await program.run(
      'product',
      { grid: [4, 4], block: [16, 16] },
      program.put(a),
      program.put(b),
      c,
      int(n),
    );
    expect(result.findings).toEqual([]);
    const found = program.floats(c, n * n);
    for (let i = 0; i < n * n; ++i) {
      let expected = 0;
      for (let k = 0; k < n; ++k) expected += a[Math.floor(i / n) * n + k]! * b[k * n + (i % n)]!;
      expect(found[i]).toBeCloseTo(expected, 4);
    }
  });

  it('transpose a matrix, with bank conflicts where rows are not padded', async () => {
    const source = (padding: number) => `extern "C" __global__ void turn(const float* a, float* b, int n) {
      __shared__ float tile[32][32 + ${padding}];
      for (int j = 0; j < 32; j += 8) tile[threadIdx.y + j][threadIdx.x] = a[(blockIdx.y * 32 + threadIdx.y + j) * n + blockIdx.x * 32 + threadIdx.x];
      __syncthreads();
      for (int j = 0; j < 32; j += 8) b[(blockIdx.x * 32 + threadIdx.y + j) * n + blockIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y + j]; }`;
    const n = 64;
    const a = noise(n * n, 5);
    for (const padding of [0, 1]) {
      const program = await deviceWith(source(padding));
      const b = program.room(4 * n * n);
      const result = await program.run('turn', { grid: [2, 2], block: [32, 8] }, program.put(a), b, int(n));
      expect(result.findings).toEqual([]);
      expect(program.floats(b, n * n)).toEqual(a.map((_, i) => a[(i % n) * n + Math.floor(i / n)]!));
      expect(result.counters.sharedBankConflicts).toBe(padding === 0 ? 4 * 32 * 31 : 0);
    }
  });

  it('reduce by shuffles', async () => {
    const program = await deviceWith(`extern "C" __global__ void total(const float* a, float* out, int n) {
      __shared__ float parts[32]; float x = 0;
      for (int i = threadIdx.x; i < n; i += blockDim.x) x += a[i];
      for (int d = 16; d > 0; d /= 2) x += __shfl_down_sync(0xffffffff, x, d);
      if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = x;
      __syncthreads();
      if (threadIdx.x < 32) {
        x = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0;
        for (int d = 16; d > 0; d /= 2) x += __shfl_xor_sync(0xffffffff, x, d);
        if (threadIdx.x == 0) *out = x;
      } }`);
    const a = noise(5000, 6);
    const out = program.room(4);
    const result = await program.run('total', { block: [256] }, program.put(a), out, int(a.length));
    expect(result.findings).toEqual([]);
    expect(program.floats(out, 1)[0]).toBeCloseTo(sum(a), 3);
  });

  it('scan within a block', async () => {
    const program = await deviceWith(`extern "C" __global__ void scan(const int* a, int* b) {
      __shared__ int s[512]; int t = threadIdx.x; s[t] = a[t]; __syncthreads();
      for (int d = 1; d < 512; d *= 2) { int x = t >= d ? s[t - d] : 0; __syncthreads(); s[t] += x; __syncthreads(); }
      b[t] = s[t]; }`);
    const a = Int32Array.from({ length: 512 }, (_, i) => (i * 37) % 101);
    const b = program.room(2048);
    const result = await program.run('scan', { block: [512] }, program.put(a), b);
    expect(result.findings).toEqual([]);
    let running = 0;
    expect(program.integers(b, 512)).toEqual(a.map((x) => (running += x)));
  });

  it('count a histogram with atomics on shared and global memory', async () => {
    const program = await deviceWith(`extern "C" __global__ void count(const int* a, int* bins, int n) {
      __shared__ int mine[16]; if (threadIdx.x < 16) mine[threadIdx.x] = 0; __syncthreads();
      for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&mine[a[i] & 15], 1);
      __syncthreads(); if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]); }`);
    const a = Int32Array.from({ length: 3000 }, (_, i) => Math.imul(i, 2654435761) >>> 13);
    const bins = program.put(new Int32Array(16));
    const result = await program.run('count', { grid: [3], block: [128] }, program.put(a), bins, int(a.length));
    expect(result.findings).toEqual([]);
    const expected = new Int32Array(16);
    for (const x of a) expected[x & 15]! += 1;
    expect(program.integers(bins, 16)).toEqual(expected);
  });

  it('multiply with wmma', async () => {
    const program = await deviceWith(
      `#include <cuda_fp16.h>
      #include <mma.h>
      using namespace nvcuda;
      extern "C" __global__ void product(const half* a, const half* b, float* c) {
        wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> x; wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> y;
        wmma::fragment<wmma::accumulator, 16, 16, 16, float> z; wmma::fill_fragment(z, 1.0f);
        wmma::load_matrix_sync(x, a, 16); wmma::load_matrix_sync(y, b, 16); wmma::mma_sync(z, x, y, z);
        for (int i = 0; i < z.num_elements; ++i) z.x[i] *= 2.0f;
        wmma::store_matrix_sync(c, z, 16, wmma::mem_col_major); }`,
      'sm_75',
    );
    const [a, b] = [toHalf(noise(256, 7)), toHalf(noise(256, 8))];
    const c = program.room(1024);
    const result = await program.run('product', { block: [32] }, program.put(a), program.put(b), c);
    expect(result.findings).toEqual([]);
    expect(result.counters.matrixMultiplyAdds.float16).toBe(4096);
    const found = program.floats(c, 256);
    for (let m = 0; m < 16; ++m)
      for (let n = 0; n < 16; ++n) {
        const products = Array.from({ length: 16 }, (_, k) => fromHalf(a[m * 16 + k]!) * fromHalf(b[k * 16 + n]!));
        expect(found[n * 16 + m]).toBeCloseTo(2 * (1 + sum(products)), 4);
      }
  });

  it('multiply with ldmatrix and mma.sync', async () => {
    const program =
      await deviceWith(`extern "C" __global__ void product(const unsigned short* a, const unsigned short* b, float* c) {
      __shared__ __align__(16) unsigned short left[256], right[128];
      int l = threadIdx.x;
      for (int i = l; i < 256; i += 32) left[i] = a[i];
      for (int i = l; i < 128; i += 32) right[i] = b[i];
      __syncthreads();
      unsigned x[4], y[2]; float z[4] = {0, 0, 0, 0};
      unsigned from = __cvta_generic_to_shared(left + (l % 16) * 16 + (l / 16) * 8);
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "r"(from));
      from = __cvta_generic_to_shared(right + (l % 16) * 8);
      asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(y[0]), "=r"(y[1]) : "r"(from));
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(z[0]), "+f"(z[1]), "+f"(z[2]), "+f"(z[3]) : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
      int row = l / 4, column = (l % 4) * 2;
      c[row * 8 + column] = z[0]; c[row * 8 + column + 1] = z[1]; c[(row + 8) * 8 + column] = z[2]; c[(row + 8) * 8 + column + 1] = z[3]; }`);
    const [a, b] = [toHalf(noise(256, 9)), toHalf(noise(128, 10))];
    const c = program.room(512);
    const result = await program.run('product', { block: [32] }, program.put(a), program.put(b), c);
    expect(result.findings).toEqual([]);
    const found = program.floats(c, 128);
    for (let m = 0; m < 16; ++m)
      for (let n = 0; n < 8; ++n) {
        const products = Array.from({ length: 16 }, (_, k) => fromHalf(a[m * 16 + k]!) * fromHalf(b[k * 8 + n]!));
        expect(found[m * 8 + n]).toBeCloseTo(sum(products), 4);
      }
  });

  it('stream through shared memory by asynchronous copies in two stages', async () => {
    const program = await deviceWith(pipeline('asm volatile("cp.async.wait_group 1;" ::: "memory");'));
    const a = noise(1024, 11);
    const out = program.room(4 * 128);
    const result = await program.run('sum', { block: [128] }, program.put(a), out);
    expect(result.findings).toEqual([]);
    const found = program.floats(out, 128);
    for (let t = 0; t < 128; ++t) {
      const column = Array.from({ length: 8 }, (_, i) => a[i * 128 + ((t + 1) % 128)]!);
      expect(found[t]).toBeCloseTo(sum(column), 4);
    }
  });

  it('do not wait for the copy, which is found', async () => {
    const program = await deviceWith(pipeline(''));
    const result = await program.run('sum', { block: [128] }, program.put(noise(1024)), program.room(512));
    expect(result.findings.map((finding) => finding.kind)).toContain('copy-not-waited-for');
  });

  it('call functions that call themselves, switch, print and use local arrays', async () => {
    const program = await deviceWith(`#include <cuda_fp16.h>
      __noinline__ __device__ int factorial(int n) { return n <= 1 ? 1 : n * factorial(n - 1); }
      extern "C" __global__ void mixed(int* out, float scale) {
        int t = threadIdx.x; int local[8];
        for (int i = 0; i < 8; ++i) local[i] = i * t;
        int x = factorial(t % 8) + local[(t * 3) % 8];
        switch (t % 6) { case 0: x += 1; break; case 1: x *= 2; break; case 2: x -= 7; break; case 3: x ^= 85; break; case 4: x <<= 1; break; default: x = -x; }
        if (t == 3) printf("lane %d has %d and %.2f\\n", t, x, scale);
        out[t] = x; }`);
    const out = program.room(256);
    const result = await program.run('mixed', { block: [64] }, out, float(1.5));
    expect(result.findings).toEqual([]);
    const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
    const expected = Int32Array.from({ length: 64 }, (_, t) => {
      const x = factorial(t % 8) + ((t * 3) % 8) * t;
      return [x + 1, x * 2, x - 7, x ^ 85, x << 1, -x][t % 6]!;
    });
    expect(program.integers(out, 64)).toEqual(expected);
    expect(result.printed).toBe(`lane 3 has ${expected[3]} and 1.50\n`);
  });
});

function pipeline(wait: string): string {
  return `extern "C" __global__ void sum(const float* a, float* out) {
    __shared__ float stage[2][128]; int t = threadIdx.x; float total = 0;
    auto copy = [&](int i) {
      unsigned to = __cvta_generic_to_shared(&stage[i % 2][t]);
      if (i < 8) asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" :: "r"(to), "l"(a + i * 128 + t));
      asm volatile("cp.async.commit_group;" ::: "memory");
    };
    copy(0);
    for (int i = 0; i < 8; ++i) {
      copy(i + 1);
      ${wait}
      __syncthreads();
      total += stage[i % 2][(t + 1) % 128];
      __syncthreads();
    }
    out[t] = total; }`;
}
