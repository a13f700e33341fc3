import { HalyardError } from '@halyard/core';

/** An error on its way from one process to another. */
export interface Failure {
  readonly message: string;
  /** Of a `HalyardError`. */
  readonly code?: HalyardError['code'];
  readonly details?: HalyardError['details'];
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof HalyardError) return { message: error.message, code: error.code, details: error.details };
  return { message: error instanceof Error ? error.message : String(error) };
}

/** The same error again. */
export function errorOf({ message, code, details }: Failure): Error {
  return code && details ? new HalyardError(code, details) : new Error(message);
}
