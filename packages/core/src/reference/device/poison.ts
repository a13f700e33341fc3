import { HalyardError, type Region, type Span } from '../../contract/index.js';

interface Range {
  readonly start: number;
  readonly end: number;
  readonly cause: HalyardError;
}

/** Which memory holds nothing of worth, because what should have written it failed. */
export class Poison {
  readonly #ranges = new WeakMap<Region, readonly Range[]>();

  mark({ region, offset, bytes }: Span, cause: HalyardError): void {
    if (bytes > 0) this.#ranges.set(region, [...this.#of(region), { start: offset, end: offset + bytes, cause }]);
  }

  /** The span was written anew. */
  clear({ region, offset, bytes }: Span): void {
    const end = offset + bytes;
    const left = this.#of(region).flatMap((range) => [
      ...(range.start < offset ? [{ ...range, end: Math.min(range.end, offset) }] : []),
      ...(range.end > end ? [{ ...range, start: Math.max(range.start, end) }] : []),
    ]);
    this.#ranges.set(region, left);
  }

  /** The error that somebody gets who reads the span. */
  find({ region, offset, bytes }: Span): HalyardError | undefined {
    const range = this.#of(region).find(({ start, end }) => start < offset + bytes && end > offset);
    if (!range) return undefined;
    return new HalyardError(
      'poisoned',
      {
        found: `memory whose last writer failed: ${range.cause.message}`,
        expected: 'memory that was written since',
        remedy: 'Handle the failure, then write the memory again before it is read.',
      },
      { cause: range.cause },
    );
  }

  #of(region: Region): readonly Range[] {
    return this.#ranges.get(region) ?? [];
  }
}
