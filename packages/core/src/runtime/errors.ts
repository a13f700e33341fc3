import { type ErrorCode, HalyardError } from '../contract/index.js';

export function badArgument(found: string, expected: string, remedy: string): HalyardError {
  return new HalyardError('bad-argument', { found, expected, remedy });
}

export function destroyed(what: string): HalyardError {
  return new HalyardError('destroyed', {
    found: `${what} was destroyed`,
    expected: 'one that is still in use',
    remedy: 'Create a new one, or destroy it later.',
  });
}

export function lost(reason: string): HalyardError {
  return new HalyardError('device-lost', {
    found: `The device was lost: ${reason}`,
    expected: 'a device that is there',
    remedy: 'Create a new context; if this repeats, run halyard doctor.',
  });
}

export function poisoned(cause: HalyardError): HalyardError {
  return new HalyardError(
    cause.code === 'device-lost' ? cause.code : 'poisoned',
    {
      found: `The tensor was written by work that failed (${cause.message})`,
      expected: 'contents that are whole',
      remedy: 'Write the tensor anew, or repeat the dispatch that gives it, once the cause is gone.',
    },
    { cause },
  );
}

/**
 * Errors of ours stay as they are, those of another copy of core become ours, and anything else that a backend threw
 * becomes one.
 */
export function asHalyardError(error: unknown, doing: string, code: ErrorCode = 'backend-failed'): HalyardError {
  if (error instanceof HalyardError) return error;
  const foreign = error as Partial<HalyardError> | undefined;
  if (
    foreign?.name === 'HalyardError' &&
    typeof foreign.code === 'string' &&
    typeof foreign.details?.found === 'string'
  ) {
    return new HalyardError(foreign.code, foreign.details, { cause: error });
  }
  return new HalyardError(
    code,
    {
      found: `${doing} failed: ${String(error)}`,
      expected: 'success, or a HalyardError',
      remedy: 'Report this to the author of the backend.',
    },
    { cause: error },
  );
}
