import type { Step, View } from '../contract/index.js';
import { readsOf, writesOf } from './accesses.js';
import { viewsOverlap } from './view-overlap.js';

/** What a step reads and writes, collected once. */
export interface Accesses {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

/** Whether two views may touch common memory. */
export type Overlap = (a: View, b: View) => boolean;

export function accessesOf(step: Step): Accesses {
  return { reads: readsOf(step), writes: writesOf(step) };
}

/** Whether the order of two steps matters: read after write, write after read, write after write. */
export function conflicts(a: Accesses, b: Accesses, overlap: Overlap = viewsOverlap): boolean {
  return (
    touches(a.writes, b.reads, overlap) || touches(a.writes, b.writes, overlap) || touches(b.writes, a.reads, overlap)
  );
}

function touches(writes: readonly View[], others: readonly View[], overlap: Overlap): boolean {
  for (const write of writes) for (const other of others) if (overlap(write, other)) return true;
  return false;
}

/**
 * For each step, the earlier ones that it directly has to wait for: the transitive reduction of all dependences.
 * Exact for disjoint strided parts of one tensor wherever {@link viewsOverlap} is.
 */
export function dependences(steps: readonly Step[], overlap: Overlap = viewsOverlap): number[][] {
  const accesses = steps.map(accessesOf);
  const ancestors: Uint32Array[] = [];
  const words = Math.ceil(steps.length / 32);
  return accesses.map((own, step) => {
    const reached = new Uint32Array(words);
    const direct: number[] = [];
    // From the nearest on down: one that is reached already through a nearer one is no direct dependence.
    for (let earlier = step - 1; earlier >= 0; earlier--) {
      if (has(reached, earlier) || !conflicts(accesses[earlier]!, own, overlap)) continue;
      direct.push(earlier);
      add(reached, earlier);
      const further = ancestors[earlier]!;
      for (let word = 0; word < words; word++) reached[word]! |= further[word]!;
    }
    ancestors.push(reached);
    return direct.reverse();
  });
}

/** Whether `after` orders every pair of steps that conflict; gives the first pair that it leaves open. */
export function unorderedPair(
  steps: readonly Step[],
  overlap: Overlap = viewsOverlap,
): { readonly earlier: number; readonly later: number } | undefined {
  const accesses = steps.map(accessesOf);
  const words = Math.ceil(steps.length / 32);
  const ancestors: Uint32Array[] = [];
  for (const [later, step] of steps.entries()) {
    const reached = new Uint32Array(words);
    for (const earlier of step.after) {
      add(reached, earlier);
      const further = ancestors[earlier]!;
      for (let word = 0; word < words; word++) reached[word]! |= further[word]!;
    }
    for (let earlier = 0; earlier < later; earlier++) {
      if (!has(reached, earlier) && conflicts(accesses[earlier]!, accesses[later]!, overlap)) return { earlier, later };
    }
    ancestors.push(reached);
  }
  return undefined;
}

function has(bits: Uint32Array, at: number): boolean {
  return (bits[at >>> 5]! & (1 << (at & 31))) !== 0;
}

function add(bits: Uint32Array, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31);
}
