import { describe, expect, it } from 'vitest';
import { deviceWith, int, noise, Program } from './programs.js';

const reverse = (barrier: string) => `extern "C" __global__ void reverse(const float* a, float* b) {
  __shared__ float s[64]; s[threadIdx.x] = a[threadIdx.x]; ${barrier} b[threadIdx.x] = s[63 - threadIdx.x]; }`;

describe('a planted fault is found by name', () => {
  it('a barrier removed: a shared-memory race', async () => {
    const whole = await deviceWith(reverse('__syncthreads();'));
    expect((await whole.run('reverse', { block: [64] }, whole.put(noise(64)), whole.room(256))).findings).toEqual([]);
    const broken = await deviceWith(reverse(''));
    const { findings, error } = await broken.run('reverse', { block: [64] }, broken.put(noise(64)), broken.room(256));
    expect(findings.map((finding) => finding.kind)).toContain('uninitialized-read');
    expect(error).toBeNull();
  });

  it('a second barrier removed: a write that meets the read of another warp', async () => {
    const program = await deviceWith(`extern "C" __global__ void turns(const float* a, float* b) {
      __shared__ float s[64]; float total = 0;
      for (int i = 0; i < 4; ++i) { s[threadIdx.x] = a[threadIdx.x] + i; __syncthreads(); total += s[63 - threadIdx.x]; }
      b[threadIdx.x] = total; }`);
    const { findings } = await program.run('turns', { block: [64] }, program.put(noise(64)), program.room(256));
    const race = findings.find((finding) => finding.kind === 'shared-memory-race');
    expect(race).toMatchObject({ kernel: 'turns', isError: false, bytes: 4 });
    expect(race?.instruction).toMatch(/(ld|st)\.shared/);
  });

  it('counters cleared without a barrier before they are counted up', async () => {
    const program = await deviceWith(`extern "C" __global__ void count(int* out) {
      __shared__ int n; if (threadIdx.x == 0) n = 0; atomicAdd(&n, 1); __syncthreads(); if (threadIdx.x == 0) *out = n; }`);
    const { findings } = await program.run('count', { block: [128] }, program.room(4));
    expect(findings.map((finding) => finding.kind)).toEqual(['shared-memory-race']);
  });

  it('an index past the end, with the thread that does it', async () => {
    const program = await deviceWith(`extern "C" __global__ void shift(const float* a, float* b, int n) {
      int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) b[i] = a[i + 1]; }`);
    const a = program.put(noise(100));
    const { findings, error } = await program.run('shift', { grid: [2], block: [64] }, a, program.room(400), int(100));
    expect(error).toBe('illegal-address');
    expect(findings).toMatchObject([
      { kind: 'out-of-bounds', isError: true, block: [1, 0, 0], thread: [35, 0, 0], address: a + 400n, bytes: 4 },
    ]);
    expect(findings[0]?.explanation).toContain('0 bytes behind the end of one of 400 bytes');
  });

  it('an index past the end of shared memory', async () => {
    const program = await deviceWith(`extern "C" __global__ void far(float* b, int i) {
      extern __shared__ float s[]; s[threadIdx.x + i] = 1; b[threadIdx.x] = s[threadIdx.x + i]; }`);
    const { findings, error } = await program.run('far', { block: [32], shared: 128 }, program.room(128), int(1));
    expect(error).toBe('illegal-address');
    expect(findings).toMatchObject([{ kind: 'out-of-bounds', thread: [31, 0, 0], address: 128n }]);
  });

  it('memory that was freed', async () => {
    const program = await deviceWith('extern "C" __global__ void touch(float* a) { a[threadIdx.x] = 1; }');
    const a = program.room(128);
    program.device.free(a);
    const { findings, error } = await program.run('touch', { block: [32] }, a);
    expect(error).toBe('illegal-address');
    expect(findings).toMatchObject([{ kind: 'use-after-free', address: a }]);
  });

  it('a misaligned address', async () => {
    const program = await deviceWith(`extern "C" __global__ void wide(const char* a, float4* b) {
      b[threadIdx.x] = *(const float4*)(a + 16 * threadIdx.x + 4); }`);
    const { findings, error } = await program.run('wide', { block: [32] }, program.put(noise(256)), program.room(512));
    expect(error).toBe('misaligned-address');
    expect(findings).toMatchObject([{ kind: 'misaligned-access', bytes: 16, count: 32 }]);
  });

  it('global memory that nobody has written', async () => {
    const program = await deviceWith(
      'extern "C" __global__ void copy(const float* a, float* b) { b[threadIdx.x] = a[threadIdx.x]; }',
    );
    const a = program.room(256);
    program.device.write(a, noise(40));
    const { findings, error } = await program.run('copy', { block: [64] }, a, program.room(256));
    expect(error).toBeNull();
    expect(findings).toMatchObject([{ kind: 'uninitialized-read', thread: [40, 0, 0], address: a + 160n, count: 24 }]);
  });

  it('a barrier that only some lanes reach', async () => {
    const program = await deviceWith(`extern "C" __global__ void part(int* a) {
      if (threadIdx.x < 16) { a[threadIdx.x] = 1; asm volatile("bar.sync 0;" ::: "memory"); a[threadIdx.x] = 2; } }`);
    const { findings } = await program.run('part', { block: [32] }, program.room(128));
    expect(findings).toMatchObject([{ kind: 'divergent-barrier', thread: [16, 0, 0] }]);
  });

  it('warps that wait for one that never comes', async () => {
    const program = await deviceWith(`extern "C" __global__ void wait(int* a) {
      if (threadIdx.x < 32) asm volatile("bar.sync 1, 64;" ::: "memory"); a[threadIdx.x] = 2; }`);
    const { findings, error } = await program.run('wait', { block: [64] }, program.room(256));
    expect(error).toBe('launch-timeout');
    expect(findings).toMatchObject([{ kind: 'barrier-deadlock', isError: true }]);
  });

  it('a loop that never ends', async () => {
    const program = await deviceWith('extern "C" __global__ void spin(volatile int* a) { while (*a == 0) {} }');
    const { error, findings } = await program.device.launch({
      module: program.module,
      kernel: 'spin',
      grid: [1],
      block: [32],
      arguments: [program.put(new Int32Array(1))],
      instructionLimit: 100_000,
    });
    expect(error).toBe('launch-timeout');
    expect(findings).toMatchObject([{ kind: 'hang' }]);
  });

  it('a trap, and an assertion with its text', async () => {
    const program = await deviceWith(`#include <cuda_fp16.h>
      extern "C" __device__ void __assertfail(const char*, const char*, unsigned, const char*, size_t);
      extern "C" __global__ void trap() { __trap(); }
      extern "C" __global__ void check(int x) { if (x != 3) __assertfail("x == 3", "here.cu", 7, "check", 1); }`);
    expect((await program.run('trap', { block: [32] })).error).toBe('launch-failed');
    const { error, message } = await program.run('check', { block: [32] }, int(4));
    expect(error).toBe('assertion');
    expect(message).toContain("assertion 'x == 3' failed (here.cu:7)");
  });

  it('an instruction that is not known, by its name and line', () => {
    const ptx =
      '.version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n\ttexture.frobnicate.b32 1;\n\tret;\n}\n';
    expect(() => new Program(ptx)).toThrow(/PTX line 6: unknown instruction 'texture\.frobnicate\.b32'/);
  });
});
