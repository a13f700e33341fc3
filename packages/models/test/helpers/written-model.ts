import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Where `bench record` has the tests of the folder `peers` leave their models for a peer, instead of comparing. */
export const folderForPeers = process.env.HALYARD_WRITE_MODELS;

export async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
