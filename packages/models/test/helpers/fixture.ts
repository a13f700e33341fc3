import { readFile } from 'node:fs/promises';

/** A reference that a script recorded; `recordedBy` in it says which. */
export async function fixture<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}
