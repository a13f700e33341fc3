import { architectureModel } from './architecture.js';

export interface BlockResources {
  readonly threads: number;
  /** Per thread. */
  readonly registers: number;
  /** Static and dynamic. */
  readonly sharedBytes: number;
}

/**
 * Blocks that a multiprocessor holds at a time, and the share of its threads that they are. Registers are given to
 * warps by 256, from the quarter of the file that is their scheduler's, shared memory to blocks by the architecture's
 * unit (NVIDIA's cuda_occupancy.h, with which a test compares it).
 *
 * @throws HalyardError `bad-argument` for an architecture that the table has not
 */
export function occupancy(
  architecture: string,
  { threads, registers, sharedBytes }: BlockResources,
): { readonly blocks: number; readonly share: number } {
  const { residency, schedulers } = architectureModel(architecture);
  const warps = Math.ceil(threads / 32);
  const registersPerWarp = Math.ceil((Math.max(registers, 1) * 32) / 256) * 256;
  const warpsPerScheduler = Math.floor(residency.registers / schedulers / registersPerWarp);
  const { sharedUnitBytes, reservedSharedBytes } = residency;
  const shared = Math.ceil((sharedBytes + reservedSharedBytes) / sharedUnitBytes) * sharedUnitBytes;
  const blocks = Math.min(
    residency.blocks,
    Math.floor(residency.threads / (warps * 32)),
    Math.floor((warpsPerScheduler * schedulers) / warps),
    Math.floor(residency.sharedBytes / Math.max(shared, 1)),
  );
  return { blocks, share: (blocks * warps * 32) / residency.threads };
}
