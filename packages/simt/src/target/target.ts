/** The hardware that kernels are generated for. Plain data: what is not here can be compiled for, too. */
export interface Target {
  readonly vendor: 'cuda' | 'rocm';
  /** `sm_80`, `gfx90a`; `sm_90a` has what only Hopper has (`wgmma`), and its code runs nowhere else. */
  readonly architecture: string;
  /** Lanes that execute together: 32, or 64. */
  readonly warpSize: number;
  /** Streaming multiprocessors, compute units. */
  readonly multiprocessors: number;
  /** The most that one block may have, static and dynamic together. */
  readonly sharedBytesPerBlock: number;
  /** 32-bit registers. */
  readonly registersPerMultiprocessor: number;
  readonly maximumThreadsPerBlock: number;
}

/** Major times ten plus minor: 80 of `sm_80`, 120 of `sm_120`. Of another vendor's architecture 0. */
export function computeCapability(target: Target): number {
  const match = /^sm_(\d+)[a-z]?$/.exec(target.architecture);
  return match ? Number(match[1]) : 0;
}
