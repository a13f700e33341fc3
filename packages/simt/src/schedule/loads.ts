import { architectureModel } from './architectures.js';

/** A loop whose threads each read something of their own in every step, and whose steps do not depend on each other. */
export interface LoadLoop {
  /** Of a block. */
  readonly threads: number;
  /** That a grid has for each multiprocessor; one if left out. */
  readonly blocks?: number;
  /** That a thread reads in a step. */
  readonly bytes: number;
}

/** How many steps of a loop have their loads under way at once. */
export interface LoadPlan {
  /** A power of two. */
  readonly unroll: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Each step under way takes registers for what it reads. */
const greatestUnroll = 4;

/**
 * Enough loads under way that the blocks that there are keep a multiprocessor's link to the second-level cache busy: by
 * Little's law the latency of memory times the bytes of that link (Volkov, Better Performance at Lower Occupancy, 2010).
 */
export function planLoads(architecture: string, { threads, blocks = 1, bytes }: LoadLoop): LoadPlan {
  const { latency, cacheBytes, maximumThreads } = architectureModel(architecture);
  const beside = Math.max(1, Math.min(Math.floor(blocks), Math.floor(maximumThreads / threads)));
  const step = beside * threads * bytes;
  const needed = latency.global * cacheBytes;
  let unroll = 1;
  while (unroll < greatestUnroll && unroll * step < needed) unroll *= 2;
  return {
    unroll,
    reason: `${unroll} steps of ${step} bytes under way: ${latency.global} cycles of latency at ${cacheBytes} bytes a cycle`,
  };
}
