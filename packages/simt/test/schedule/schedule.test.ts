import { describe, expect, it } from 'vitest';
import { architectureModel, architectureModels, planLoads, planPipeline } from '../../src/schedule/index.js';

const step = { multiplyAdds: 128 * 128 * 32, unit: 'tensor', bytes: 16384, limit: 98304, threads: 128 } as const;

describe('the order of loads and multiplications', () => {
  it('puts more tiles in flight the sooner a step is over', () => {
    const stages = ['sm_80', 'sm_90'].map((architecture) => planPipeline(architecture, step).stages);
    expect(stages).toEqual([3, 4]);
  });

  it('loads a tile the multiplications of a whole step ahead where there are no asynchronous copies', () => {
    for (const architecture of ['sm_70', 'sm_75']) {
      expect(planPipeline(architecture, step)).toMatchObject({ stages: 2, loadsAhead: 'step', fragmentBuffers: 2 });
    }
  });

  it('never asks for more shared memory than a block may have', () => {
    for (const { architecture } of architectureModels) {
      const { stages } = planPipeline(architecture, { ...step, limit: 40000 });
      expect(stages).toBe(2);
    }
  });

  it('takes the model of the newest architecture that is not newer', () => {
    expect(architectureModel('sm_88').architecture).toBe('sm_87');
    expect(architectureModel('sm_90a').architecture).toBe('sm_90');
  });

  it('says where each figure is from', () => {
    for (const { source } of architectureModels) expect(source).toMatch(/white paper|derived|as sm_/);
  });
});

describe('loads under way', () => {
  it('are as many as latency times bandwidth asks for, at most four', () => {
    const unroll = (architecture: string, threads: number, bytes: number) =>
      planLoads(architecture, { threads, bytes }).unroll;
    // 430 cycles of 19 bytes are 8170 bytes; a step of 256 threads has 4096.
    expect(unroll('sm_75', 256, 16)).toBe(2);
    expect(unroll('sm_70', 256, 16)).toBe(4);
    expect(unroll('sm_75', 1024, 16)).toBe(1);
    expect(unroll('sm_80', 32, 4)).toBe(4);
  });

  it('are fewer where other blocks have theirs, too', () => {
    const unroll = (blocks: number) => planLoads('sm_70', { threads: 256, blocks, bytes: 16 }).unroll;
    // 460 cycles of 26 bytes are 11,960 bytes; no more than 2048 threads are beside each other.
    expect([0.3, 1, 2, 3, 100].map(unroll)).toEqual([4, 4, 2, 1, 1]);
  });
});
