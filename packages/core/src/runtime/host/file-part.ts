import { open } from 'node:fs/promises';
import { type FilePart, HalyardError } from '../../contract/index.js';

/**
 * Reads a stretch of a file into memory, without holding the event loop.
 *
 * @throws HalyardError `not-found` if the file cannot be opened, `bad-file` if it ends before the stretch does
 */
export async function readFilePart(part: FilePart, to: Uint8Array): Promise<void> {
  const file = await open(part.path, 'r').catch((cause: Error) => {
    throw new HalyardError(
      'not-found',
      {
        found: `${part.path} cannot be opened (${cause.message})`,
        expected: 'a file that can be read',
        remedy: 'Check the path and its permissions.',
      },
      { cause },
    );
  });
  try {
    for (let done = 0; done < part.bytes; ) {
      const { bytesRead } = await file.read(to, done, part.bytes - done, part.offset + done);
      if (bytesRead === 0) {
        throw new HalyardError('bad-file', {
          found: `${part.path} ends ${part.bytes - done} bytes too early`,
          expected: `${part.bytes} bytes from offset ${part.offset} on`,
          remedy: 'Fetch the file again; it may be truncated.',
        });
      }
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}
