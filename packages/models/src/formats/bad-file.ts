import { HalyardError } from '@halyard/core';

/** What is wrong with a file, at which field. */
export interface FileProblem {
  readonly path: string;
  /** As the format's specification calls it: `tensor_count`, `blk.0.attn_q.weight: offset`. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly cause?: unknown;
}

/** The error for a file that is truncated, corrupt or not what it says. */
export function badFile({ path, field, found, expected, cause }: FileProblem): HalyardError {
  return new HalyardError(
    'bad-file',
    {
      found: `${path}: ${field} is ${found}`,
      expected: `${field} ${expected}`,
      remedy:
        'Fetch the file again, or name another one: it is truncated, corrupt or of a format that is not known here',
    },
    cause === undefined ? undefined : { cause },
  );
}

/** A text of unknown origin, short enough and clean enough for a message. */
export function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
