import type { MemoryProblem } from './problem.js';

/** Which of the gaps that are large enough a buffer goes into: the lowest or the tightest. */
export type Fit = 'first' | 'best';

/**
 * Buffers placed one after another, each against those that are already there and alive at a time with it. What is
 * placed is kept in order of offset, in arrays side by side, since the scan over them is all that planning spends
 * its time on.
 */
export class Placement {
  readonly offset: Float64Array;
  placed = 0;
  /** Comparisons made so far: the measure of effort. */
  comparisons = 0;

  readonly #problem: MemoryProblem;
  readonly #buffer: Int32Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #start: Float64Array;
  readonly #end: Float64Array;

  constructor(problem: MemoryProblem) {
    this.#problem = problem;
    this.offset = new Float64Array(problem.count);
    this.#buffer = new Int32Array(problem.count);
    this.#first = new Int32Array(problem.count);
    this.#last = new Int32Array(problem.count);
    this.#start = new Float64Array(problem.count);
    this.#end = new Float64Array(problem.count);
  }

  /** Places `buffer` so that it ends at or below `limit`, or answers false and changes nothing. */
  place(buffer: number, fit: Fit, limit: number): boolean {
    const size = this.#problem.size[buffer]!;
    const offset = fit === 'first' ? this.#lowest(buffer, size, limit) : this.#tightest(buffer, size, limit);
    if (offset < 0) return false;
    this.offset[buffer] = offset;
    this.#insert(buffer, offset, size);
    return true;
  }

  /** Takes off all but the buffers for which `keeps` holds. */
  keep(keeps: (buffer: number) => boolean): void {
    let kept = 0;
    for (let index = 0; index < this.placed; index++) {
      if (!keeps(this.#buffer[index]!)) continue;
      if (kept !== index) {
        this.#buffer[kept] = this.#buffer[index]!;
        this.#first[kept] = this.#first[index]!;
        this.#last[kept] = this.#last[index]!;
        this.#start[kept] = this.#start[index]!;
        this.#end[kept] = this.#end[index]!;
      }
      kept++;
    }
    this.placed = kept;
  }

  clear(): void {
    this.placed = 0;
  }

  peak(): number {
    let peak = 0;
    for (let index = 0; index < this.placed; index++) peak = Math.max(peak, this.#end[index]!);
    return peak;
  }

  #lowest(buffer: number, size: number, limit: number): number {
    const first = this.#problem.first[buffer]!;
    const last = this.#problem.last[buffer]!;
    const alignment = this.#problem.alignment[buffer]!;
    const placed = this.placed;
    const highest = limit - size;
    let cursor = 0;
    let index = 0;
    for (; index < placed && cursor <= highest; index++) {
      if (this.#first[index]! > last || this.#last[index]! < first) continue;
      if (this.#start[index]! - cursor >= size) break;
      if (this.#end[index]! > cursor) cursor = alignUp(this.#end[index]!, alignment);
    }
    this.comparisons += index + 8;
    return cursor <= highest ? cursor : -1;
  }

  #tightest(buffer: number, size: number, limit: number): number {
    const first = this.#problem.first[buffer]!;
    const last = this.#problem.last[buffer]!;
    const alignment = this.#problem.alignment[buffer]!;
    const placed = this.placed;
    let cursor = 0;
    let tightest = Number.POSITIVE_INFINITY;
    let offset = -1;
    for (let index = 0; index < placed; index++) {
      if (this.#first[index]! > last || this.#last[index]! < first) continue;
      const gap = this.#start[index]! - cursor;
      if (gap >= size && gap < tightest && cursor + size <= limit) {
        tightest = gap;
        offset = cursor;
      }
      if (this.#end[index]! > cursor) cursor = alignUp(this.#end[index]!, alignment);
    }
    this.comparisons += placed + 8;
    if (offset >= 0) return offset;
    return cursor + size <= limit ? cursor : -1;
  }

  #insert(buffer: number, offset: number, size: number): void {
    let low = 0;
    let high = this.placed;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#start[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    for (const array of [this.#buffer, this.#first, this.#last, this.#start, this.#end]) {
      array.copyWithin(low + 1, low, this.placed);
    }
    this.#buffer[low] = buffer;
    this.#first[low] = this.#problem.first[buffer]!;
    this.#last[low] = this.#problem.last[buffer]!;
    this.#start[low] = offset;
    this.#end[low] = offset + size;
    this.placed++;
  }
}

/** With alignment 0, which stands for one that holds anyway, the value itself. */
function alignUp(value: number, alignment: number): number {
  return alignment === 0 ? value : Math.ceil(value / alignment) * alignment;
}
