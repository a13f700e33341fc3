import { architectureModel, roofline } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { architectures } from '../../src/architecture/table.js';
import { deviceWith, int, noise } from './programs.js';

describe('the roofline', () => {
  it('says that adding vectors is bound by memory, with the time of its bytes', async () => {
    const program = await deviceWith(`extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
      int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) c[i] = a[i] + b[i]; }`);
    const n = 8192;
    const { counters } = await program.run(
      'add',
      { grid: [n / 256], block: [256] },
      program.put(noise(n)),
      program.put(noise(n)),
      program.room(4 * n),
      int(n),
    );
    const model = architectureModel('sm_80');
    const found = roofline(counters, model);
    expect(found.bound).toBe('memory');
    expect(found.seconds).toBeCloseTo((3 * 4 * n) / model.memoryBytesPerSecond, 12);
    expect(found.matrixUtilization).toBe(0);
  });

  it('counts a multicast as one read, and as bytes that come into each of its blocks', async () => {
    const program = await deviceWith(
      'extern "C" __global__ void copy(const float* a, float* b) { b[threadIdx.x] = a[threadIdx.x]; }',
      'sm_90',
    );
    const { counters } = await program.run('copy', { block: [32] }, program.put(noise(32)), program.room(128));
    const model = architectureModel('sm_90');
    const read = (shared: number) =>
      roofline({ ...counters, globalLoadSectors: 1000, globalMulticastSectors: 1000 * shared }, model, {
        memoryBytes: 1,
      });
    const [alone, many] = [read(0), read(9)];
    expect(alone.bound).toBe('sectors');
    expect(many.bound).toBe('port');
    expect(many.clocks.sectors).toBe(alone.clocks.sectors);
    expect(many.clocks.port).toBeCloseTo(10_000 / 2 / model.multiprocessors, 6);
  });

  it('has a source for every figure, and knows architectures with a suffix', () => {
    for (const name of Object.keys(architectures)) {
      expect(architectureModel(name).name).toBe(name);
      expect(architectureModel(name).sources.length).toBeGreaterThan(1);
    }
    expect(architectureModel('sm_90a')).toBe(architectureModel('sm_90'));
    expect(() => architectureModel('sm_35')).toThrow(/architecture sm_35/);
  });
});
