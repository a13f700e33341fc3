/** What was wrong, what would have been right, and what to do about it. */
export interface ErrorDetails {
  readonly found: string;
  readonly expected: string;
  /** Ends in an action; where possible a command. */
  readonly remedy: string;
}

/**
 * Stable codes, to branch on. A backend may add its own with its name in front: `cuda:driver-too-old`.
 *
 * - `bad-argument`: a value of the wrong kind, shape, dtype or range
 * - `bad-file`: a model or table that is truncated, corrupt or of an unknown format
 * - `bad-program`: a serialized program that does not decode or breaks a rule of the contract
 * - `unsupported`: a step, type or architecture that no device at hand can do
 * - `no-device`: no backend found, or none usable
 * - `out-of-memory`: neither the pool's budget nor the device has room
 * - `device-lost`: the device, its driver or its process is gone
 * - `destroyed`: the tensor, graph or context was destroyed
 * - `poisoned`: the memory was written by a run that failed
 * - `aborted`: the caller's signal ended it
 * - `not-found`: a file, model or source does not exist
 * - `backend-failed`: a plugin threw, hung or crashed
 */
export type ErrorCode =
  | 'bad-argument'
  | 'bad-file'
  | 'bad-program'
  | 'unsupported'
  | 'no-device'
  | 'out-of-memory'
  | 'device-lost'
  | 'destroyed'
  | 'poisoned'
  | 'aborted'
  | 'not-found'
  | 'backend-failed'
  | `${string}:${string}`;

/** Every failure a caller can meet. */
export class HalyardError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails,
    options?: ErrorOptions,
  ) {
    super(`${details.found}. Expected: ${details.expected}. ${details.remedy}`, options);
    this.name = 'HalyardError';
  }
}
