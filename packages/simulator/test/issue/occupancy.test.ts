import { occupancy } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';

describe('occupancy', () => {
  it('is bound by registers, shared memory, threads or blocks', () => {
    expect(occupancy('sm_80', { threads: 256, registers: 128, sharedBytes: 0 })).toEqual({ blocks: 2, share: 0.25 });
    expect(occupancy('sm_80', { threads: 256, registers: 32, sharedBytes: 81920 })).toEqual({ blocks: 2, share: 0.25 });
    expect(occupancy('sm_75', { threads: 256, registers: 32, sharedBytes: 0 })).toEqual({ blocks: 4, share: 1 });
    expect(occupancy('sm_86', { threads: 32, registers: 32, sharedBytes: 0 })).toEqual({ blocks: 16, share: 1 / 3 });
  });

  it('gives each scheduler a quarter of the registers', () => {
    // 5 warps of 96 registers fit in a quarter: 20 warps, of which blocks of 4 are whole.
    expect(occupancy('sm_80', { threads: 128, registers: 96, sharedBytes: 0 }).blocks).toBe(5);
    expect(occupancy('sm_80', { threads: 96, registers: 96, sharedBytes: 0 }).blocks).toBe(6);
  });

  it('adds what the system keeps of shared memory for each block from sm_80 on', () => {
    expect(occupancy('sm_80', { threads: 32, registers: 32, sharedBytes: 81920 }).blocks).toBe(2);
    expect(occupancy('sm_80', { threads: 32, registers: 32, sharedBytes: 83968 }).blocks).toBe(1);
    expect(occupancy('sm_70', { threads: 32, registers: 32, sharedBytes: 49152 }).blocks).toBe(2);
  });
});
