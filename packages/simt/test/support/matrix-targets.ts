import type { Target } from '@halyard/simt';

const of = (architecture: string, multiprocessors: number, sharedKibibytes: number): Target => ({
  vendor: 'cuda',
  architecture,
  warpSize: 32,
  multiprocessors,
  sharedBytesPerBlock: sharedKibibytes * 1024,
  registersPerMultiprocessor: 65536,
  maximumThreadsPerBlock: 1024,
});

/** V100, T4, A100, A10, L4, H100, B200, RTX 5090. */
export const targets = {
  sm_70: of('sm_70', 80, 96),
  sm_75: of('sm_75', 40, 64),
  sm_80: of('sm_80', 108, 163),
  sm_86: of('sm_86', 72, 99),
  sm_89: of('sm_89', 58, 99),
  sm_90: of('sm_90a', 132, 227),
  sm_100: of('sm_100', 148, 227),
  sm_120: of('sm_120', 170, 99),
} as const satisfies Record<string, Target>;

export type Architecture = keyof typeof targets;

/** Architectures beside those, compiled for and not simulated: Xavier, Orin, B300, Thor, GB10. */
export const relatives: readonly Target[] = [
  of('sm_72', 8, 96),
  of('sm_87', 16, 163),
  of('sm_103', 148, 227),
  of('sm_110', 20, 227),
  of('sm_121', 48, 99),
];
