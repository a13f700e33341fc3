import type { InstructionClass, MatrixType } from '../launch-result.js';

/** Which blocks of a launch leave a trace of their instructions. */
export interface TraceOptions {
  /** The first block that runs, if left out. */
  readonly firstBlock?: number;
  /** 1 */
  readonly blockCount?: number;
  /** Of one warp; 2^20. What comes after is left out, and `isComplete` false. */
  readonly mostEvents?: number;
}

/** An instruction of the PTX, as far as its way through a pipeline depends on it. */
export interface TracedInstruction {
  /** Of the PTX text, from 1. */
  readonly line: number;
  /** `ld.global.v4.u32` */
  readonly opcode: string;
  readonly class: InstructionClass;
  /** Virtual registers that it writes, numbered within the module. */
  readonly defines: ArrayLike<number>;
  /** That it reads, its guard among them. */
  readonly uses: ArrayLike<number>;
  /** Of a memory access by one lane; 0 for others. */
  readonly bytes: number;
  /** Of a matrix instruction, by one warp. */
  readonly multiplyAdds: number;
  readonly matrixType: MatrixType;
}

/** What one warp did, in order: an entry of each list for each of its instructions. */
export interface WarpTrace {
  /** Number in the grid, x fastest. */
  readonly block: number;
  /** In the block. */
  readonly warp: number;
  readonly isComplete: boolean;
  /** Index into `instructions` of the trace. */
  readonly instructions: ArrayLike<number>;
  /** Active ones whose guard holds; 0 where the instruction is passed over. */
  readonly lanes: ArrayLike<number>;
  /** Of 32 bytes of global memory. */
  readonly sectors: ArrayLike<number>;
  /** Sectors that a copy brought to further blocks of the cluster. */
  readonly multicasts: ArrayLike<number>;
  /** Of shared memory. */
  readonly wavefronts: ArrayLike<number>;
  /**
   * Of a barrier: its number, and 256 × the threads that it is for (0: all). Of a wait for groups: how many may stay under
   * way. Of an mbarrier: its offset / 8, and 2^15 × the phase that is arrived in, filled or was waited for.
   */
  readonly details: ArrayLike<number>;
}

/** What chosen blocks of a launch did, instruction by instruction: plain data for {@link estimateIssue}. */
export interface InstructionTrace {
  readonly instructions: readonly TracedInstruction[];
  readonly warps: readonly WarpTrace[];
}
