import type { ArchitectureModel } from '../architecture/architecture.js';

export interface MemoryAccess {
  readonly sectors: number;
  /** That come from the copies of other blocks of the cluster at the same time. */
  readonly multicasts?: number;
  readonly wavefronts: number;
  /** Share of the sectors that come from the memory itself, and not from the second-level cache. */
  readonly missRate: number;
}

/**
 * The way of a multiprocessor's memory instructions: one queue for shared memory, shuffles and addresses, behind it the
 * link to the second-level cache, behind that the multiprocessor's share of the memory's bandwidth.
 */
export class MemoryPath {
  /** Clocks that each was busy. */
  readonly busy = { memory: 0, cache: 0, device: 0 };
  #memory = 0;
  #cache = 0;
  #device = 0;
  readonly #bytesPerClock: number;

  /** @param sharing multiprocessors that share the memory's bandwidth */
  constructor(
    private readonly model: ArchitectureModel,
    sharing: number,
  ) {
    this.#bytesPerClock = model.memoryBytesPerSecond / model.clockHz / sharing;
  }

  /** When everything that was asked for has come or gone. */
  get idleAt(): number {
    return Math.max(this.#memory, this.#cache, this.#device);
  }

  /** From when on the queue has room for another instruction. */
  get roomAt(): number {
    return this.#memory - this.model.memoryQueueClocks;
  }

  /** When the data of an access are there, but for its latency. */
  begin(time: number, { sectors, multicasts = 0, wavefronts, missRate }: MemoryAccess): number {
    const clocks = Math.max(1, wavefronts / this.model.sharedWavefrontsPerClock);
    const start = Math.max(time, this.#memory);
    this.#memory = start + clocks;
    this.busy.memory += clocks;
    if (sectors === 0) return this.#memory - 1;
    const { sectorsPerClock, portSectorsPerClock } = this.model;
    const transfer = Math.max(sectors / sectorsPerClock, (sectors + multicasts) / portSectorsPerClock);
    this.#cache = Math.max(this.#memory, this.#cache) + transfer;
    this.busy.cache += transfer;
    const fetch = (32 * sectors * missRate) / this.#bytesPerClock;
    if (fetch > 0) this.#device = Math.max(start, this.#device) + fetch;
    this.busy.device += fetch;
    return Math.max(this.#cache, this.#device);
  }
}
