import { memoryAlignment } from './tensor-memory.js';

const alignment = Math.max(memoryAlignment, 256);

/**
 * Places in one stretch of memory for what each step needs beside the program's workspace. Two steps share bytes only
 * where one waits for the other, directly or through others.
 *
 * @param sizes bytes of each step
 * @param after for each step the earlier ones that it waits for
 */
export function allotScratch(
  sizes: readonly number[],
  after: readonly (readonly number[])[],
): { readonly offsets: readonly number[]; readonly bytes: number } {
  const before: bigint[] = [];
  const placed: { readonly step: number; readonly start: number; readonly end: number }[] = [];
  const offsets: number[] = [];
  for (const [step, size] of sizes.entries()) {
    let ancestors = 0n;
    for (const earlier of after[step]!) ancestors |= before[earlier]! | (1n << BigInt(earlier));
    before.push(ancestors);
    let start = 0;
    if (size > 0) {
      const taken = placed
        .filter((other) => ((ancestors >> BigInt(other.step)) & 1n) === 0n)
        .sort((a, b) => a.start - b.start);
      for (const other of taken) if (start + size > other.start) start = Math.max(start, other.end);
      placed.push({ step, start, end: Math.ceil((start + size) / alignment) * alignment });
    }
    offsets.push(start);
  }
  return { offsets, bytes: placed.reduce((most, { end }) => Math.max(most, end), 0) };
}
