import type { View } from '../contract/index.js';
import { type ViewRange, viewRange } from './views.js';

/** How many combinations of indices are tried before the answer is the safe one. */
const searchLimit = 4096;

interface Term {
  readonly stride: number;
  /** The factor of `stride` runs from 0 to this. */
  readonly reach: number;
}

/**
 * Whether two views touch a common element. Exact for what operators make (halves, interleaved pairs, tiles, rows);
 * true where finding out would take too long. It asks whether Σ iₐ·sₐ − Σ jₐ·tₐ can bridge the distance of the offsets.
 */
export function viewsOverlap(a: View, b: View): boolean {
  if (a.tensor !== b.tensor) return false;
  const rangeA = viewRange(a);
  const rangeB = viewRange(b);
  if (!rangeA || !rangeB || rangeA.highest < rangeB.lowest || rangeB.highest < rangeA.lowest) return false;
  if (isFilled(a) && hasAnEndIn(rangeA, rangeB)) return true;
  if (isFilled(b) && hasAnEndIn(rangeB, rangeA)) return true;
  // With all strides positive and counted from the lowest element, the terms of b are subtracted: substituting
  // j → reach − j makes them additions with the target moved by their full reach.
  const terms = mergeEqualStrides([...positiveTerms(a), ...positiveTerms(b)]);
  const distance = rangeB.lowest - rangeA.lowest + (rangeB.highest - rangeB.lowest);
  return canReach(terms, distance);
}

/** Whether the view, in row-major order, touches every element of its range. What it finds is sure, not what it does not. */
function isFilled({ shape, strides }: View): boolean {
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1 || strides[axis] === 0) continue;
    if (strides[axis] !== filled) return false;
    filled *= shape[axis]!;
  }
  return true;
}

/** Whether the first or the last element of one range, which its view surely touches, lies within the other. */
function hasAnEndIn(range: ViewRange, { lowest, highest }: ViewRange): boolean {
  return (lowest >= range.lowest && lowest <= range.highest) || (highest >= range.lowest && highest <= range.highest);
}

function positiveTerms(view: View): Term[] {
  return view.shape
    .map((extent, axis) => ({ stride: Math.abs(view.strides[axis]!), reach: extent - 1 }))
    .filter(({ stride, reach }) => stride > 0 && reach > 0);
}

function mergeEqualStrides(terms: readonly Term[]): Term[] {
  const reaches = new Map<number, number>();
  for (const { stride, reach } of terms) reaches.set(stride, (reaches.get(stride) ?? 0) + reach);
  return [...reaches].map(([stride, reach]) => ({ stride, reach })).sort((a, b) => b.stride - a.stride);
}

/** Whether Σ fᵢ·strideᵢ = distance for some fᵢ in 0…reachᵢ: largest stride first, cut off by range and by divisor. */
function canReach(terms: readonly Term[], distance: number): boolean {
  const spans: number[] = [0];
  const divisors: number[] = [0];
  for (let at = terms.length - 1; at >= 0; at--) {
    spans.unshift(spans[0]! + terms[at]!.stride * terms[at]!.reach);
    divisors.unshift(greatestCommonDivisor(terms[at]!.stride, divisors[0]!));
  }
  let tried = 0;
  const search = (at: number, rest: number): boolean => {
    if (++tried > searchLimit) return true;
    if (at === terms.length || rest === 0) return rest === 0;
    if (rest < 0 || rest > spans[at]! || rest % divisors[at]! !== 0) return false;
    const { stride, reach } = terms[at]!;
    const least = Math.max(0, Math.ceil((rest - spans[at + 1]!) / stride));
    const most = Math.min(reach, Math.floor(rest / stride));
    for (let factor = most; factor >= least; factor--) {
      if (search(at + 1, rest - factor * stride)) return true;
    }
    return false;
  };
  return search(0, distance);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
