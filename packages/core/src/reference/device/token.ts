import { HalyardError, type Token } from '../../contract/index.js';

/** The outcome of work that never rejects: its error, if it failed. */
export type Outcome = Promise<HalyardError | undefined>;

/** A token over work that JavaScript does. */
export class HostToken implements Token {
  isDone = false;
  error: HalyardError | undefined;
  nanoseconds: number | undefined;
  /** Never rejects. */
  readonly outcome: Outcome;

  /** @param device whose token this is */
  constructor(
    readonly device: object,
    work: Promise<{ readonly error?: HalyardError; readonly nanoseconds: number }>,
  ) {
    this.outcome = work.then(({ error, nanoseconds }) => {
      this.isDone = true;
      this.error = error;
      this.nanoseconds = nanoseconds;
      return error;
    });
  }

  async wait(): Promise<void> {
    const error = await this.outcome;
    if (error) throw error;
  }
}

/** What was thrown, as an error that a caller can branch on. */
export function asHalyardError(thrown: unknown, what: string): HalyardError {
  if (thrown instanceof HalyardError) return thrown;
  return new HalyardError(
    'backend-failed',
    {
      found: `${what} threw ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`,
      expected: 'a result, or a HalyardError',
      remedy: 'Report it to the author of the backend.',
    },
    { cause: thrown },
  );
}
