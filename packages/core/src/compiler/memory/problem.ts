import { HalyardError } from '../../contract/index.js';
import type { Lifetime } from '../memory-plan.js';

/** A validated memory problem in flat arrays. Buffers are numbered as in the list they came from, without the empty ones. */
export interface MemoryProblem {
  readonly count: number;
  /** Index in the caller's list. */
  readonly original: Int32Array;
  /** Bytes, rounded up to the buffer's own alignment. */
  readonly size: Float64Array;
  /** 0 where every size is a multiple of it, so that no offset has to be rounded. */
  readonly alignment: Float64Array;
  /** Steps renumbered so that they have no gaps. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** The most bytes in use anywhere within the life of each buffer. */
  readonly contention: Float64Array;
  readonly lowerBound: number;
}

/** @throws HalyardError `bad-argument` for sizes, steps or alignments that are no non-negative integers in order */
export function memoryProblem(lifetimes: readonly Lifetime[]): MemoryProblem {
  for (const [index, lifetime] of lifetimes.entries()) check(lifetime, index);
  const kept = lifetimes.map((_, index) => index).filter((index) => lifetimes[index]!.bytes > 0);
  const alignments = kept.map((index) => lifetimes[index]!.alignment ?? 64);
  const least = Math.min(...new Set(alignments));
  const count = kept.length;
  const size = new Float64Array(count);
  const alignment = new Float64Array(count);
  const first = new Int32Array(count);
  const last = new Int32Array(count);
  const steps = [...new Set(kept.map((index) => lifetimes[index]!.first))].sort((a, b) => a - b);
  for (let buffer = 0; buffer < count; buffer++) {
    const lifetime = lifetimes[kept[buffer]!]!;
    const unit = alignments[buffer]!;
    size[buffer] = Math.ceil(lifetime.bytes / unit) * unit;
    alignment[buffer] = unit === least ? 0 : unit;
    // Only the steps at which something begins matter: what is alive just before the next of them met everything
    // that it ever will.
    first[buffer] = lastAtOrBefore(steps, lifetime.first);
    last[buffer] = lastAtOrBefore(steps, lifetime.last);
  }
  const live = liveBytes(size, first, last, steps.length);
  const contention = new Float64Array(count);
  for (let buffer = 0; buffer < count; buffer++) {
    for (let step = first[buffer]!; step <= last[buffer]!; step++) {
      contention[buffer] = Math.max(contention[buffer]!, live[step]!);
    }
  }
  const lowerBound = live.reduce((most, bytes) => Math.max(most, bytes), 0);
  return { count, original: Int32Array.from(kept), size, alignment, first, last, contention, lowerBound };
}

function liveBytes(size: Float64Array, first: Int32Array, last: Int32Array, steps: number): Float64Array {
  const change = new Float64Array(steps + 1);
  for (let buffer = 0; buffer < size.length; buffer++) {
    change[first[buffer]!]! += size[buffer]!;
    change[last[buffer]! + 1]! -= size[buffer]!;
  }
  const live = new Float64Array(steps);
  let running = 0;
  for (let step = 0; step < steps; step++) live[step] = running += change[step]!;
  return live;
}

function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function check(lifetime: Lifetime, index: number): void {
  const { bytes, first, last, alignment = 64 } = lifetime;
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isPowerOfTwo = isCount(alignment) && alignment > 0 && Number.isInteger(Math.log2(alignment));
  if (isCount(bytes) && Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last && isPowerOfTwo)
    return;
  throw new HalyardError('bad-argument', {
    found: `Lifetime ${index} is { bytes: ${bytes}, first: ${first}, last: ${last}, alignment: ${alignment} }`,
    expected: 'non-negative integer bytes, integer steps with first ≤ last, and an alignment that is a power of two',
    remedy: 'Correct the lifetime.',
  });
}
