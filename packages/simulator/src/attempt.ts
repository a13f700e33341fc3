import { HalyardError } from '@halyard/core';

/** Calls the addon, whose errors become ones of the project's. */
export function attempt<T>(expected: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const known = code === 'unsupported' || code === 'out-of-memory' ? code : 'bad-argument';
    const remedy = known === 'out-of-memory' ? 'Free memory or configure more' : 'Correct the call';
    throw new HalyardError(known, { found: message, expected, remedy }, { cause: error });
  }
}
