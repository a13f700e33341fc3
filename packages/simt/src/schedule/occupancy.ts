import { architectureModel } from './architectures.js';

export interface BlockResources {
  readonly threads: number;
  /** Per thread. */
  readonly registers: number;
  /** Static and dynamic. */
  readonly sharedBytes: number;
}

const registersPerMultiprocessor = 65536;
const greatestBlocks = 32;

/**
 * Blocks that a multiprocessor holds at a time, and the share of its threads that they are. Registers are given to
 * warps by 256, shared memory with 1 KiB of the system's own for each block from sm_80 on (CUDA C++ programming guide,
 * technical specifications per compute capability; CUDA occupancy calculator).
 */
export function occupancy(
  architecture: string,
  { threads, registers, sharedBytes }: BlockResources,
): { readonly blocks: number; readonly share: number } {
  const model = architectureModel(architecture);
  const warps = Math.ceil(threads / 32);
  const registersPerBlock = warps * Math.ceil((registers * 32) / 256) * 256;
  const reserved = model.hasAsynchronousCopies ? 1024 : 0;
  const blocks = Math.min(
    greatestBlocks,
    Math.floor(model.maximumThreads / (warps * 32)),
    Math.floor(registersPerMultiprocessor / registersPerBlock),
    Math.floor(model.sharedBytes / Math.max(sharedBytes + reserved, 1)),
  );
  return { blocks, share: (blocks * warps * 32) / model.maximumThreads };
}
