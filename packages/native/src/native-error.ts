import { type ErrorCode, HalyardError } from '@halyard/core';

/** The HalyardError that a native Error carries; anything else as `backend-failed`. */
export function fromNativeError(error: unknown): HalyardError {
  if (error instanceof HalyardError) return error;
  const details = (error as { halyard?: Record<string, string> } | undefined)?.halyard;
  if (details?.code !== undefined)
    return new HalyardError(
      details.code as ErrorCode,
      { found: details.found ?? '', expected: details.expected ?? '', remedy: details.remedy ?? '' },
      { cause: error },
    );
  return new HalyardError(
    'backend-failed',
    {
      found: error instanceof Error ? error.message : String(error),
      expected: 'an addon that reports its failures',
      remedy: 'Report this with the stack trace.',
    },
    { cause: error },
  );
}

/** Waits for a native function so that what it rejects with is a HalyardError. */
export async function nativePromise<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromNativeError(error);
  }
}

/** Calls a native function so that what it throws is a HalyardError. */
export function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNativeError(error);
  }
}
