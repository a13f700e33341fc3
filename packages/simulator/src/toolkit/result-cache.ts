import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The result of a computation that depends on `key` alone, from the user's cache folder if it was made before. An entry
 * carries a checksum: one that is damaged is made anew.
 *
 * @param key everything that the result depends on
 */
export async function cached<T>(kind: string, key: readonly unknown[], compute: () => Promise<T>): Promise<T> {
  const name = sha256(JSON.stringify(key));
  const folder = join(cacheFolder(), kind, name.slice(0, 2));
  const path = join(folder, `${name}.json`);
  const known = await readEntry<T>(path);
  if (known !== undefined) return known.value;
  const value = await compute();
  await writeEntry(folder, path, JSON.stringify(value));
  return value;
}

/** The first line is the checksum of the rest. */
async function readEntry<T>(path: string): Promise<{ value: T } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const end = text.indexOf('\n');
  const content = text.slice(end + 1);
  return end > 0 && sha256(content) === text.slice(0, end) ? { value: JSON.parse(content) as T } : undefined;
}

/** A cache that cannot be written is no error: the next one computes again. */
async function writeEntry(folder: string, path: string, content: string): Promise<void> {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(aside, `${sha256(content)}\n${content}`);
    await rename(aside, path);
  } catch {
    await rm(aside, { force: true }).catch(() => {});
  }
}
