import type { Counters } from '../launch-result.js';
import type { ArchitectureModel } from './architecture.js';

/** Resources of a GPU that bound a kernel. */
export type Resource =
  | 'issue'
  | 'integer'
  | 'float32'
  | 'float64'
  | 'float16'
  | 'special'
  | 'conversion'
  | 'matrix'
  | 'sharedMemory'
  | 'sectors'
  | 'port'
  | 'memory';

export interface Roofline {
  /** Clocks that each resource is busy if the work is spread evenly over the multiprocessors. */
  readonly clocks: Readonly<Record<Resource, number>>;
  readonly bound: Resource;
  /** No kernel with these counts is done sooner. */
  readonly seconds: number;
  /** Which part of the bound's time the matrix units are busy: 1 is their peak. */
  readonly matrixUtilization: number;
}

export interface RooflineOptions {
  /** Bytes that go through the memory itself; by default every sector asked for, as if no cache had kept any. */
  readonly memoryBytes?: number;
}

/**
 * A lower bound on a kernel's time from what it did, resource by resource.
 *
 * What it leaves out: latencies and dependences between instructions (a kernel with too few warps to hide them takes
 * longer), hits in caches (unless `memoryBytes` says what memory gives), the last wave's idle multiprocessors, launch
 * overhead, register banks, instruction caches, and clocks that change under load. PTX instructions are counted, which
 * the assembler joins, splits and drops; wide integers are counted as one.
 */
export function roofline(counters: Counters, model: ArchitectureModel, options: RooflineOptions = {}): Roofline {
  const { laneInstructions, warpInstructions, matrixMultiplyAdds } = counters;
  const { rates, matrixRates, multiprocessors } = model;
  const sectors = counters.globalLoadSectors + counters.globalStoreSectors + counters.globalAtomicSectors;
  const bytes = options.memoryBytes ?? 32 * sectors;
  const each = (count: number, rate: number) => (count === 0 ? 0 : count / rate / multiprocessors);
  const matrix = (Object.keys(matrixRates) as (keyof typeof matrixRates)[]).reduce(
    (clocks, type) => clocks + each(matrixMultiplyAdds[type], matrixRates[type]),
    0,
  );
  const clocks: Record<Resource, number> = {
    issue: each(
      Object.values(warpInstructions).reduce((total, count) => total + count, 0),
      model.schedulers,
    ),
    integer: each(laneInstructions.integer, rates.integer),
    float32: each(laneInstructions.float32, rates.float32),
    float64: each(laneInstructions.float64, rates.float64),
    float16: each(2 * laneInstructions.float16, rates.float16),
    special: each(laneInstructions.special, rates.special),
    conversion: each(laneInstructions.conversion, rates.conversion),
    matrix,
    sharedMemory: each(counters.sharedLoadWavefronts + counters.sharedStoreWavefronts, model.sharedWavefrontsPerClock),
    sectors: each(sectors, model.sectorsPerClock),
    // A multicast is read once and comes to each of its blocks.
    port: each(counters.globalLoadSectors + counters.globalMulticastSectors, model.portSectorsPerClock),
    memory: (bytes / model.memoryBytesPerSecond) * model.clockHz,
  };
  const bound = (Object.keys(clocks) as Resource[]).reduce((most, name) => (clocks[name] > clocks[most] ? name : most));
  const most = clocks[bound];
  return { clocks, bound, seconds: most / model.clockHz, matrixUtilization: most === 0 ? 0 : matrix / most };
}
