import { HalyardError } from '@halyard/core';
import { compileCuda, fetchToolkit, SimulatedDevice } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { deviceWith, int, noise, Program } from './programs.js';

const scale = `__device__ float factor = 3; __constant__ float addend[2] = {10, 20};
  extern "C" __global__ void scale(const float* a, float* b, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) b[i] = a[i] * factor + addend[i % 2]; }`;

describe('SimulatedDevice', () => {
  it('gives the same results and counters on one host thread and on two', async () => {
    const program = await deviceWith(scale);
    const a = program.put(noise(4096));
    const results = [];
    for (const hostThreads of [1, 2]) {
      const b = program.room(4 * 4096);
      const { counters, findings } = await program.device.launch({
        module: program.module,
        kernel: 'scale',
        grid: [16],
        block: [256],
        arguments: [a, b, int(4096)],
        hostThreads,
      });
      expect(findings).toEqual([]);
      results.push({ counters, values: program.floats(b, 4096) });
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('simulates some blocks of a grid alone', async () => {
    const program = await deviceWith(scale);
    const b = program.put(new Float32Array(256));
    const { counters } = await program.device.launch({
      module: program.module,
      kernel: 'scale',
      grid: [4],
      block: [64],
      arguments: [program.put(new Float32Array(256)), b, int(256)],
      firstBlock: 2,
      blockCount: 1,
    });
    expect(counters.blocks).toBe(1);
    const values = program.floats(b, 256);
    expect([values[127], values[128], values[129], values[192]]).toEqual([0, 10, 20, 0]);
  });

  it('finds variables of a module by name, and runs with what was written to them', async () => {
    const program = await deviceWith(scale);
    const factor = program.device.findGlobal(program.module, 'factor');
    expect(factor?.bytes).toBe(4);
    expect(program.device.findGlobal(program.module, 'other')).toBeUndefined();
    program.device.write(factor!.address, new Float32Array([-1]));
    const b = program.room(8);
    await program.run('scale', { block: [2] }, program.put(new Float32Array([1, 2])), b, int(2));
    expect([...program.floats(b, 2)]).toEqual([9, 18]);
  });

  it('refuses what does not fit: memory, arguments, blocks, kernels, architectures', async () => {
    const program = await deviceWith(scale);
    expect(() => program.device.allocate(2 ** 31)).toThrow(/out of memory/);
    expect(() => program.device.free(12345n)).toThrow(HalyardError);
    expect(() => program.device.write(12345n, new Uint8Array(4))).toThrow(/invalid address/);
    await expect(program.run('scale', { block: [32] }, 0n)).rejects.toThrow(/1 arguments.*Expected: 3/);
    await expect(program.run('other', { block: [32] })).rejects.toThrow(/kernel other/);
    const { error } = await program.run('scale', { block: [1025] }, 0n, 0n, int(0));
    expect(error).toBe('invalid-configuration');
    expect(() => new SimulatedDevice({ architecture: 'sm_10', memoryBytes: 1024 })).toThrow(/architecture sm_10/);
  });

  it('runs what is compiled for the very architecture, with its own instructions', async () => {
    const toolkit = await fetchToolkit('13');
    for (const architecture of ['sm_90a', 'sm_100a', 'sm_120a']) {
      const { ptx } = await compileCuda(toolkit, scale, { architecture });
      expect(ptx).toContain(`.target ${architecture}`);
      for (const device of [architecture, architecture.slice(0, -1)]) {
        const program = new Program(ptx, device);
        const b = program.room(8);
        await program.run('scale', { block: [2] }, program.put(new Float32Array([1, 2])), b, int(2));
        expect([...program.floats(b, 2)]).toEqual([13, 26]);
      }
    }
  });

  it('leaves the event loop alone while a kernel runs', async () => {
    const program = await deviceWith(`extern "C" __global__ void work(float* a, int n) {
      float x = threadIdx.x; for (int i = 0; i < n; ++i) x = x * 0.5f + i; a[threadIdx.x] = x; }`);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await program.run('work', { block: [256] }, program.room(1024), int(300_000));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});
