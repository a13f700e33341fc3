import type { Lifetime } from '@halyard/core';

/** Numbers from 0 to below 1, the same ones for the same seed (SplitMix32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

const integer = (random: () => number, from: number, to: number) => from + Math.floor(random() * (to - from + 1));

/** Allocation problems of a few hundred buffers: some as programs have them, some made to be hard. */
export const allocationProblems: Readonly<Record<string, (random: () => number) => Lifetime[]>> = {
  'random sizes and lifetimes': (random) =>
    Array.from({ length: 300 }, () => {
      const first = integer(random, 0, 199);
      return { bytes: Math.round(2 ** (6 + 14 * random())), first, last: first + integer(random, 0, 40) };
    }),
  'alignments up to a page': (random) =>
    Array.from({ length: 300 }, () => {
      const first = integer(random, 0, 149);
      return {
        bytes: integer(random, 1, 60_000),
        first,
        last: first + integer(random, 0, 25),
        alignment: 64 << integer(random, 0, 6),
      };
    }),
  'a full arena, cut up (no waste is possible)': (random) => cutUp(random, 300),
  'large ones come between small ones that stay': (random) =>
    Array.from({ length: 300 }, (_, index) =>
      index % 3 === 0
        ? { bytes: integer(random, 100_000, 400_000), first: index, last: index + 1 }
        : { bytes: integer(random, 64, 2000), first: index, last: index + integer(random, 5, 120) },
    ),
  'a U of skip connections': (random) =>
    Array.from({ length: 200 }, (_, index) => {
      const depth = index < 100 ? index : 199 - index;
      const bytes = 4096 * integer(random, 1, 8) * 2 ** Math.floor((100 - depth) / 20);
      return { bytes, first: index, last: index < 100 && index % 2 === 0 ? 200 - index : index + 1 };
    }),
};

/** Cuts the rectangle of all steps and all bytes, again and again: the pieces fit together without a gap. */
function cutUp(random: () => number, count: number): Lifetime[] {
  const pieces = [{ bytes: 64 * 65_536, first: 0, last: 255 }];
  while (pieces.length < count) {
    const at = integer(random, 0, pieces.length - 1);
    const { bytes, first, last } = pieces[at]!;
    if (random() < 0.5 && last > first) {
      const middle = integer(random, first, last - 1);
      pieces.splice(at, 1, { bytes, first, last: middle }, { bytes, first: middle + 1, last });
    } else if (bytes >= 128) {
      const part = 64 * integer(random, 1, bytes / 64 - 1);
      pieces.splice(at, 1, { bytes: part, first, last }, { bytes: bytes - part, first, last });
    }
  }
  return pieces;
}
