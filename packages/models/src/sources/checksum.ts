import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { HalyardError } from '@halyard/core';
import type { ModelFile } from './recipe.js';

/** @throws HalyardError `bad-file` if size or checksum is another than the file's description says */
export async function verifyFile(
  path: string,
  expected: Pick<ModelFile, 'name' | 'bytes' | 'sha256'>,
  options: { readonly signal?: AbortSignal | undefined; readonly onProgress?: (checkedBytes: number) => void } = {},
): Promise<void> {
  if (expected.bytes === undefined && expected.sha256 === undefined) return;
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { signal: options.signal, highWaterMark: 1 << 18 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    options.onProgress?.(bytes);
  }
  const sha256 = hash.digest('hex');
  const wrongSize = expected.bytes !== undefined && bytes !== expected.bytes;
  const wrongHash = expected.sha256 !== undefined && sha256 !== expected.sha256;
  if (!wrongSize && !wrongHash) return;
  throw new HalyardError('bad-file', {
    found: `${expected.name} came with ${bytes} bytes and SHA-256 ${sha256}`,
    expected: `${expected.bytes ?? 'any number of'} bytes and SHA-256 ${expected.sha256 ?? 'unknown'}`,
    remedy: 'Try again; if it stays so, the source carries another file',
  });
}
