import { isShared, printBeginOf, printShares, tileCount, type Work } from '../tensor/work.js';

/**
 * The tiles, or parts of tiles, that a block makes one after another: `inside` has `tile`, `first_step` and `end_step`.
 * Loads of the next run ahead of what is done with the one at hand.
 */
export function printUnits(work: Work, blocks: number, inside: string): string {
  if (!isShared(work)) {
    return `
#pragma unroll 1
    for (int tile = blockIdx.x; tile < ${tileCount(work)}; tile += ${blocks}) {
      const int first_step = 0;
      const int end_step = ${work.steps};
${inside}
    }`;
  }
  return `${printBeginOf(work)}${printShares(work)}
${inside}
    }`;
}
