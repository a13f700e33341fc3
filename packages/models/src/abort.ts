import { HalyardError } from '@halyard/core';

/** @throws HalyardError `aborted` if the signal was given */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted !== true) return;
  throw new HalyardError(
    'aborted',
    { found: `${what} was aborted`, expected: 'to be left to finish', remedy: 'Start again' },
    { cause: signal.reason },
  );
}
