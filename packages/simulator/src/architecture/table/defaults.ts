import type { Latencies, Residency } from '../architecture.js';

export const common = {
  schedulers: 4,
  sharedWavefrontsPerClock: 1,
  memoryQueueClocks: 32,
  warpMatrixShare: 1,
  portSectorsPerClock: 2,
} as const;

export const latencies = (given: Partial<Latencies>): Latencies => ({
  arithmetic: 4,
  float16: 5,
  float64: 10,
  special: 23,
  matrix: 10,
  shared: 29,
  constant: 30,
  local: 40,
  global: 480,
  barrier: 6,
  ...given,
});

export const residency = (threads: number, blocks: number, sharedKibibytes: number): Residency => ({
  threads,
  blocks,
  registers: 65536,
  sharedBytes: sharedKibibytes * 1024,
  sharedUnitBytes: 128,
  reservedSharedBytes: 1024,
});

/** Of Volta and Turing: shared memory comes in larger units, and the system keeps none of it. */
export const oldResidency = (threads: number, blocks: number, sharedKibibytes: number): Residency => ({
  ...residency(threads, blocks, sharedKibibytes),
  sharedUnitBytes: 256,
  reservedSharedBytes: 0,
});
