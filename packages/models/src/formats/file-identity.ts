import { stat } from 'node:fs/promises';
import { HalyardError } from '@halyard/core';

/** Size, and a text that changes when the file's content does (as far as the file system can tell). */
export interface FileIdentity {
  readonly bytes: number;
  readonly identity: string;
}

/** @throws HalyardError `not-found` if there is no such regular file, or it may not be read */
export async function readFileIdentity(path: string): Promise<FileIdentity> {
  const status = await stat(path, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    throw missing(path, cause.code ?? cause.message, cause);
  });
  if (!status.isFile()) throw missing(path, 'it is no regular file');
  return {
    bytes: Number(status.size),
    identity: `${status.dev.toString(36)}-${status.ino.toString(36)}-${status.size.toString(36)}-${status.mtimeNs.toString(36)}`,
  };
}

function missing(path: string, reason: string, cause?: unknown): HalyardError {
  return new HalyardError(
    'not-found',
    { found: `${path} cannot be opened: ${reason}`, expected: 'a file that can be read', remedy: 'Check the path' },
    cause === undefined ? undefined : { cause },
  );
}
