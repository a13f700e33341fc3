import type { LoadsAhead } from '../../schedule/index.js';
import type { Transfer } from './transfer.js';

/** Code for the places of the main loop at which tiles are asked for or put into shared memory. */
export interface TransferOrder {
  /** In front of the loop, where `next_step` and the `stage` that it gets are known: all of one tile. */
  readonly fill: string;
  /** Behind that: `next_step` is the first that no stage has room for yet. */
  readonly ahead: string;
  /** In front of the first multiplications of a step, of the tile `next_step` for `stage`. */
  readonly first: string;
  /** In front of its last multiplications. */
  readonly last: string;
}

/**
 * Asynchronous copies are begun as soon as their place is free, at the start of a step. Loads into registers come before
 * their stores, which stand near the end of a step, by as much as is asked for.
 */
export function orderTransfers(
  transfers: readonly (Transfer & { readonly isCopy: boolean })[],
  loadsAhead: LoadsAhead,
): TransferOrder {
  const copies = transfers.filter(({ isCopy }) => isCopy).map(({ fetch }) => fetch);
  const loads = transfers.filter(({ isCopy }) => !isCopy).map(({ fetch }) => fetch);
  const puts = transfers.map(({ put }) => put);
  const when = (condition: string, code: readonly string[]) =>
    code.join('') === ''
      ? ''
      : `
            if (${condition}) {${code.join('')}
            }`;
  const isNext = 'next_step < end_step';
  const isWholeStep = loadsAhead === 'step';
  return {
    fill: when(isNext, [...copies, ...loads, ...puts]),
    ahead: isWholeStep ? when(isNext, loads) : '',
    first: when(isNext, loadsAhead === 'part' ? [...copies, ...loads] : copies),
    last: isWholeStep
      ? when(isNext, puts) + ofFollowing(when(isNext, loads))
      : when(isNext, loadsAhead === 'none' ? [...loads, ...puts] : puts),
  };
}

/** Code for the tile after `next_step`. */
const ofFollowing = (code: string): string =>
  code === ''
    ? ''
    : `
            const int step_behind = next_step + 1;
            {
              const int next_step = step_behind;${code}
            }`;
