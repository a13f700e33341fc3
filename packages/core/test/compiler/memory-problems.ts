import type { Lifetime } from '@halyard/core';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

type Generator = (count: number, random: () => number) => Lifetime[];

const integer = (random: () => number, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
/** Spread evenly over the orders of magnitude. */
const magnitude = (random: () => number, low: number, high: number) => Math.round(low * (high / low) ** random());
const times = (count: number, make: (index: number) => Lifetime): Lifetime[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Cuts a full rectangle of steps × bytes into pieces: a plan without any waste exists. */
function cut(count: number, random: () => number, steps: number, units: number, unit: number): Lifetime[] {
  const pieces = [{ first: 0, last: steps - 1, low: 0, high: units }];
  while (pieces.length < count) {
    let chosen = 0;
    for (let attempt = 0; attempt < 3; attempt++) {
      const other = integer(random, 0, pieces.length - 1);
      const area = (piece: (typeof pieces)[number]) => (piece.last - piece.first + 1) * (piece.high - piece.low);
      if (attempt === 0 || area(pieces[other]!) > area(pieces[chosen]!)) chosen = other;
    }
    const piece = pieces[chosen]!;
    const wide = piece.last > piece.first;
    const tall = piece.high - piece.low > 1;
    if (!wide && !tall) continue;
    if (wide && (!tall || random() < 0.5)) {
      const at = integer(random, piece.first, piece.last - 1);
      pieces.push({ ...piece, first: at + 1 });
      pieces[chosen] = { ...piece, last: at };
    } else {
      const at = integer(random, piece.low + 1, piece.high - 1);
      pieces.push({ ...piece, low: at });
      pieces[chosen] = { ...piece, high: at };
    }
  }
  for (let index = pieces.length - 1; index > 0; index--) {
    const other = integer(random, 0, index);
    [pieces[index], pieces[other]] = [pieces[other]!, pieces[index]!];
  }
  return pieces.map(({ first, last, low, high }) => ({ first, last, bytes: (high - low) * unit }));
}

/** Kinds of problems, easy and hostile. */
export const memoryProblems: Readonly<Record<string, Generator>> = {
  'random lifetimes and sizes': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 200);
      return { first, last: first + integer(random, 0, 40), bytes: integer(random, 1, 1 << 20) };
    }),
  'sizes over six orders of magnitude': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 300);
      return { first, last: first + integer(random, 0, 60), bytes: magnitude(random, 64, 64e6) };
    }),
  'few long ones among many short ones': (count, random) =>
    times(count, (index) => {
      const long = index % 8 === 0;
      const first = integer(random, 0, long ? 100 : 390);
      return {
        first,
        last: first + (long ? integer(random, 100, 300) : integer(random, 0, 6)),
        bytes: magnitude(random, 1024, 1 << 22),
      };
    }),
  'nearly all overlapping': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 100);
      return { first, last: integer(random, 100, 200), bytes: magnitude(random, 256, 1 << 20) };
    }),
  'a staircase': (count, random) =>
    times(count, (index) => ({
      first: index,
      last: index + integer(random, 3, 12),
      bytes: (1 + (index % 17)) * 4096 + integer(random, 0, 4096),
    })),
  'growing while earlier ones die': (count, random) =>
    times(count, (index) => ({
      first: index,
      last: index + 2 + (index % 3),
      bytes: Math.round(1000 * 1.02 ** (index % 300)) + integer(random, 0, 500),
    })),
  'interleaved large and small': (count, random) =>
    times(count, (index) => ({
      first: Math.floor(index / 2),
      last: Math.floor(index / 2) + (index % 2 === 0 ? 2 : integer(random, 10, 60)),
      bytes: index % 2 === 0 ? integer(random, 1 << 18, 1 << 20) : integer(random, 64, 1 << 14),
    })),
  'two sizes only': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 150);
      return { first, last: first + integer(random, 1, 30), bytes: random() < 0.5 ? 65_536 : 3 * 65_536 + 64 };
    }),
  'alignments from 64 to 4096': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 150);
      return {
        first,
        last: first + integer(random, 0, 40),
        bytes: magnitude(random, 64, 1 << 18),
        alignment: 64 << integer(random, 0, 6),
      };
    }),
  'small buffers with large alignments': (count, random) =>
    times(count, () => {
      const first = integer(random, 0, 80);
      return {
        first,
        last: first + integer(random, 0, 30),
        bytes: integer(random, 1, 6000),
        alignment: random() < 0.5 ? 64 : 4096,
      };
    }),
  'a tower cut without waste': (count, random) => cut(count, random, 60, 400, 4096),
  'a tall tower cut without waste': (count, random) => cut(count, random, 12, 5000, 64),
  'a long strip cut without waste': (count, random) => cut(count, random, 600, 60, 65_536),
  'two towers one after the other': (count, random) => {
    const half = count >> 1;
    const left = cut(half, random, 40, 300, 1024);
    const right = cut(count - half, random, 40, 300, 1024);
    return [...left, ...right.map((piece) => ({ ...piece, first: piece.first + 40, last: piece.last + 40 }))];
  },
  'fragments that outlive their neighbours, then one large': (count, random) => {
    const rounds = Math.max(1, Math.floor(count / 21));
    return Array.from({ length: rounds }, (_, round) => {
      const start = round * 12;
      const small = times(20, (index) => ({
        first: start,
        last: index % 2 === 0 ? start + 4 : start + 10,
        bytes: integer(random, 1 << 12, 1 << 14),
      }));
      return [...small, { first: start + 5, last: start + 9, bytes: 10 * (1 << 13) }];
    }).flat();
  },
  'doubling sizes with holes of half': (count, random) =>
    times(count, (index) => {
      const level = index % 10;
      const phase = Math.floor(index / 10);
      return {
        first: phase * 3 + (level % 3),
        last: phase * 3 + (level % 3) + integer(random, 1, 2 + level),
        bytes: 64 << level,
      };
    }),
  'encoder and decoder with skip connections': (count, random) => {
    const depth = count >> 1;
    return times(count, (index) => {
      const level = index < depth ? index : count - 1 - index;
      const skip = index < depth && index % 3 === 0;
      return {
        first: index,
        last: skip ? count - 1 - index : index + 1,
        bytes: Math.max(256, Math.round((1 << 22) / 1.03 ** level)) + integer(random, 0, 256),
      };
    });
  },
  'a transformer over many layers': (count, random) => {
    const layers = Math.ceil(count / 9);
    const tokens = integer(random, 1, 128);
    const layer = (at: number): Lifetime[] => {
      const step = at * 9;
      const row = (width: number) => width * tokens * 4;
      return [
        { first: step, last: step + 9, bytes: row(576) },
        { first: step, last: step + 1, bytes: row(576) },
        { first: step + 1, last: step + 4, bytes: row(576) },
        { first: step + 1, last: step + 3, bytes: row(192) },
        { first: step + 1, last: step + 4, bytes: row(192) },
        { first: step + 4, last: step + 5, bytes: row(576) },
        { first: step + 5, last: step + 8, bytes: row(576) },
        { first: step + 6, last: step + 7, bytes: row(576) },
        { first: step + 7, last: step + 8, bytes: row(1536) },
      ];
    };
    return Array.from({ length: layers }, (_, at) => layer(at))
      .flat()
      .slice(0, count);
  },
};
