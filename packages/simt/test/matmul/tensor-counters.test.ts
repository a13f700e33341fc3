import { lookupTuning } from '@halyard/core';
import { architectureModel, type Counters, roofline } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { estimateStep } from '../support/estimate-step.js';
import { matmulStep } from '../support/matrix-steps.js';
import type { Architecture } from '../support/matrix-targets.js';
import { simulateStep } from '../support/simulate-step.js';

const extent = 4096;
const sectorBytes = 32;
/** Depths that are simulated: what a block does grows with k by the same amount for each step of its main loop. */
const [short, long] = [256, 384];

/** Rows and columns of a block's tile. On Hopper the block is one of as many as there are tiles. */
const tileOf = (architecture: Architecture) =>
  architecture === 'sm_90' ? ([128, 256] as const) : ([128, 128] as const);

/** One block of a float16 product of 4096 × 4096 × k, with what the table of the house says of 4096³. */
function product(architecture: Architecture, isTransposedB: boolean, k: number) {
  const of = (depth: number) =>
    matmulStep({
      m: extent,
      n: extent,
      k: depth,
      a: 'float16',
      b: 'float16',
      multiply: 'float16',
      output: 'float16',
      isTransposedB,
    });
  const whole = of(extent);
  const tuning = lookupTuning(
    { architecture, relatives: [], fingerprint: architecture } as never,
    whole.step,
    whole.tensors,
  );
  const [rows, columns] = tileOf(architecture);
  const isHopper = architecture === 'sm_90';
  return { step: of(k), tuning: isHopper ? { ...tuning, workers: extent ** 2 / (rows * columns) } : tuning };
}

/** Of one block; where two share what they load, half of what both do. */
async function block(
  architecture: Architecture,
  isTransposedB: boolean,
  k: number,
  cluster = clusterBlocks(architecture),
): Promise<Counters> {
  const { step, tuning } = product(architecture, isTransposedB, k);
  const options = { architecture, blocks: 1, tuning: { ...tuning, cluster } };
  const { kernel, counters, findings } = await simulateStep(step, options);
  expect(kernel).toBe(architecture === 'sm_90' ? 'matmul-warpgroup-float16' : 'matmul-tensor-float16');
  expect(findings.filter(({ kind }) => kind !== 'uninitialized-read')).toEqual([]);
  expect(counters[0]!.blocks).toBe(cluster);
  return scaled(counters[0]!, 1 / cluster);
}

/** Blocks that share the columns of b that they load. */
const clusterBlocks = (architecture: Architecture) => (architecture === 'sm_90' ? 2 : 1);

function scaled<T>(counts: T, factor: number): T {
  if (typeof counts === 'number') return (counts * factor) as T;
  return Object.fromEntries(
    Object.entries(counts as object).map(([name, value]) => [name, scaled(value, factor)]),
  ) as T;
}

/** Counts at depth k from those at the two that are simulated. */
function extrapolate<T>(from: T, to: T, k: number): T {
  if (typeof from === 'number') return (from + (((to as number) - from) * (k - short)) / (long - short)) as T;
  return Object.fromEntries(
    Object.entries(from as object).map(([name, value]) => [name, extrapolate(value, (to as never)[name], k)]),
  ) as T;
}

async function blockOf4096(architecture: Architecture, isTransposedB: boolean, cluster?: number): Promise<Counters> {
  const [from, to] = [
    await block(architecture, isTransposedB, short, cluster),
    await block(architecture, isTransposedB, long, cluster),
  ];
  return extrapolate(from, to, extent);
}

/** Of the matrix peak, at most, caches and memory included; each of the operands is read from memory once. */
async function boundOf4096(architecture: Architecture, cluster?: number) {
  const counters = await blockOf4096(architecture, true, cluster);
  const [rows, columns] = tileOf(architecture);
  const memoryBytes = (3 * extent * extent * 2) / (extent ** 2 / (rows * columns));
  return roofline(counters, architectureModel(architecture), { memoryBytes });
}

describe('a float16 product of 4096³', { timeout: 120_000 }, () => {
  it('does the same in every step of its main loop, so that two depths tell of all', async () => {
    const [from, to] = [await block('sm_80', true, short), await block('sm_80', true, long)];
    expect(extrapolate(from, to, 640)).toEqual(await block('sm_80', true, 640));
  });

  const architectures: Architecture[] = ['sm_75', 'sm_80', 'sm_90', 'sm_120'];

  it.each(architectures.flatMap((one) => [true, false].map((isTransposedB) => [one, isTransposedB] as const)))(
    'on %s, b by columns %s, meets no bank twice and reads what its tiles hold once',
    async (architecture, isTransposedB) => {
      const counters = await blockOf4096(architecture, isTransposedB);
      expect(counters.sharedBankConflicts).toBe(0);
      const [rows, columns] = tileOf(architecture);
      const shared = columns / clusterBlocks(architecture);
      const bound = ((rows + shared) * extent * 2) / sectorBytes;
      expect(counters.globalLoadSectors).toBeLessThanOrEqual(1.1 * bound);
      expect(counters.globalMulticastSectors).toBe(((columns - shared) * extent * 2) / sectorBytes);
      expect(counters.matrixMultiplyAdds.float16).toBe(rows * columns * extent);
    },
  );

  // The lanes' shares of a `wmma` fragment are the simulator's own: Volta's are not documented. Rows of 80 bytes, the
  // stride that padding gives, are a multiple of 128 bytes apart where eight rows lie between.
  it.each([true, false])(
    'on sm_70, b by columns %s, takes two wavefronts for one where it loads fragments',
    async (isTransposedB) => {
      const counters = await blockOf4096('sm_70', isTransposedB);
      expect(counters.sharedLoadWavefronts / counters.sharedLoadIdealWavefronts).toBeCloseTo(2, 1);
      expect(counters.sharedStoreWavefronts / counters.sharedStoreIdealWavefronts).toBeLessThan(1.05);
      expect(counters.globalLoadSectors).toBe((2 * 128 * extent * 2) / sectorBytes);
    },
  );

  it.each(['sm_80', 'sm_90'] as const)(
    'on %s has issue slots for more than 0.8 of its matrix peak',
    async (architecture) => {
      const counters = await blockOf4096(architecture, true);
      const { clocks } = roofline(counters, architectureModel(architecture));
      expect(clocks.matrix / clocks.issue).toBeGreaterThan(0.8);
    },
  );

  it.each(['sm_80', 'sm_90'] as const)(
    'on %s can reach its matrix peak, caches and memory included',
    async (architecture) => {
      const { bound, matrixUtilization } = await boundOf4096(architecture);
      expect({ bound, matrixUtilization }).toEqual({ bound: 'matrix', matrixUtilization: 1 });
    },
  );

  // By the 4472 bytes a clock that others measured.
  it('on sm_90 would be bound by the second-level cache if each block read all of its tiles there', async () => {
    const { bound, matrixUtilization } = await boundOf4096('sm_90', 1);
    expect(bound).toBe('sectors');
    expect(matrixUtilization).toBeCloseTo(0.7, 1);
  });

  /** Of the matrix peak, in the main loop, by the issue model. */
  async function issued(architecture: Architecture, cluster = clusterBlocks(architecture)): Promise<number> {
    const estimate = (k: number) => {
      const { step, tuning } = product(architecture, true, k);
      const options = { architecture, tuning: { ...tuning, cluster } };
      return estimateStep(step, options, { missRate: 0.1, schedulingWindow: 32 });
    };
    const [from, to] = [await estimate(short), await estimate(long)];
    const [rows, columns] = tileOf(architecture);
    const { float16 } = architectureModel(architecture).matrixRates;
    return (from.residentBlocks * rows * columns * (long - short)) / float16 / (to.clocks - from.clocks);
  }

  // Two blocks beside each other wait at their barriers for a third of the time: a model of issue alone, not hardware.
  it('on sm_80 keeps its tensor cores busy for two thirds of its main loop, latencies included', async () => {
    expect(await issued('sm_80')).toBeGreaterThan(0.65);
  });

  it('on sm_90 keeps its tensor cores busy, latencies included, where two blocks share what they load', async () => {
    const [shared, alone] = [await issued('sm_90'), await issued('sm_90', 1)];
    expect(shared).toBeGreaterThan(0.8);
    expect(alone).toBeLessThan(0.75);
  });
});
