import type { InstructionTrace } from './trace/instruction-trace.js';

/**
 * Names of what a program can do wrong. Of asynchronous work:
 *
 * - `copy-not-waited-for`: shared memory is read before the copy that fills it was waited for, by its group or mbarrier
 * - `overwritten-in-flight`: shared memory is written that a matrix product or bulk copy still reads
 * - `product-not-waited-for`: registers are used that a matrix product (`wgmma`) still writes
 * - `missing-product-fence`: a product uses registers that were written with no `wgmma.fence` since
 * - `missing-proxy-fence`: a product or bulk copy reads what ordinary stores wrote, with no `fence.proxy.async` between
 * - `block-not-running`: shared memory of another block of the cluster is used, and no barrier of the cluster says that the
 *   block has begun, or has not ended
 * - `transaction-overflow`: an mbarrier is to count more bytes than it can
 * - `barrier-deadlock`: also an mbarrier whose phase never ends; the explanation says which, and what is missing
 * - `misaligned-access`: also bulk copies, and matrix descriptors whose swizzle does not begin at a multiple of its size
 */
export type FindingKind =
  | 'out-of-bounds'
  | 'no-peer-access'
  | 'use-after-free'
  | 'misaligned-access'
  | 'write-to-constant'
  | 'uninitialized-read'
  | 'shared-memory-race'
  | 'copy-not-waited-for'
  | 'overwritten-in-flight'
  | 'product-not-waited-for'
  | 'missing-product-fence'
  | 'missing-proxy-fence'
  | 'block-not-running'
  | 'transaction-overflow'
  | 'divergent-barrier'
  | 'barrier-deadlock'
  | 'hang'
  | 'trap'
  | 'assertion-failed'
  | 'stack-overflow'
  | 'invalid-instruction';

/** A fault, where it was first seen. */
export interface Finding {
  readonly kind: FindingKind;
  /** Whether it ends the launch on hardware; if not, the result is merely not to be relied upon. */
  readonly isError: boolean;
  readonly kernel: string;
  /** Of the PTX text, from 1. */
  readonly line: number;
  /** That line. */
  readonly instruction: string;
  /** `file:line` of the CUDA C++, if it was compiled with `--generate-line-info`. */
  readonly source?: string;
  readonly block: readonly [number, number, number];
  readonly thread: readonly [number, number, number];
  /** Device address, or offset in shared memory. */
  readonly address: bigint;
  readonly bytes: number;
  /** How many lanes did the same at that instruction. */
  readonly count: number;
  readonly explanation: string;
}

/** How a launch ended, in terms of the driver's errors. */
export type LaunchError =
  | 'invalid-configuration'
  | 'out-of-resources'
  | 'illegal-address'
  | 'misaligned-address'
  | 'illegal-instruction'
  | 'hardware-stack-error'
  | 'assertion'
  | 'launch-failed'
  | 'launch-timeout'
  | 'cancelled';

/** Classes that instructions are counted by. */
export type InstructionClass =
  | 'integer'
  | 'float32'
  | 'float64'
  | 'float16'
  | 'special'
  | 'conversion'
  | 'control'
  | 'barrier'
  | 'move'
  | 'exchange'
  | 'loadGlobal'
  | 'storeGlobal'
  | 'loadShared'
  | 'storeShared'
  | 'loadLocal'
  | 'storeLocal'
  | 'loadConstant'
  | 'atomic'
  | 'copy'
  | 'matrix'
  | 'matrixLoad';

/** Types of operands that products of matrices are counted by; bf16 as float16. */
export type MatrixType = 'float16' | 'tfloat32' | 'int8' | 'float8' | 'float64';

/** Exact and repeatable figures of a launch. */
export interface Counters {
  readonly warpInstructions: Readonly<Record<InstructionClass, number>>;
  /** Of active lanes. */
  readonly laneInstructions: Readonly<Record<InstructionClass, number>>;
  /** Warp instructions that read global memory, asynchronous copies included; a bulk copy is one. */
  readonly globalLoadRequests: number;
  /** Sectors of 32 bytes, distinct within a request. */
  readonly globalLoadSectors: number;
  /** Asked for by lanes. */
  readonly globalLoadBytes: number;
  /** Sectors that copies brought to further blocks of a cluster: `globalLoadSectors` has each read once. */
  readonly globalMulticastSectors: number;
  readonly globalStoreRequests: number;
  readonly globalStoreSectors: number;
  readonly globalStoreBytes: number;
  readonly globalAtomicRequests: number;
  readonly globalAtomicSectors: number;
  /** Warp instructions that read shared memory; a product that reads operands there (`wgmma`) is one per operand. */
  readonly sharedLoadRequests: number;
  readonly sharedLoadWavefronts: number;
  /** What they would be with no bank conflict. */
  readonly sharedLoadIdealWavefronts: number;
  readonly sharedStoreRequests: number;
  readonly sharedStoreWavefronts: number;
  readonly sharedStoreIdealWavefronts: number;
  /** Wavefronts beyond the ideal. */
  readonly sharedBankConflicts: number;
  readonly matrixMultiplyAdds: Readonly<Record<MatrixType, number>>;
  readonly branches: number;
  readonly divergentBranches: number;
  /** Warps that arrived at one. */
  readonly barriers: number;
  readonly blocks: number;
  readonly warps: number;
}

export interface LaunchResult {
  /** null: it ran to its end. */
  readonly error: LaunchError | null;
  /** Of an error. */
  readonly message: string;
  /** Each instruction and kind once. */
  readonly findings: readonly Finding[];
  readonly counters: Counters;
  /** By `printf`. */
  readonly printed: string;
  /** Where one was asked for. */
  readonly trace?: InstructionTrace;
}
