import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ContentCache } from '../src/compilation/content-cache.js';
import { newFolder, removeFolders } from './support/fake-driver.js';

afterAll(removeFolders);

const neverMade = () => Promise.reject(new Error('it should have been kept'));

/** The one file that a cache has written. */
function onlyFile(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ptx'));
  expect(files).toHaveLength(1);
  return join(folder, files[0]!);
}

describe('compiled kernels', () => {
  it('are made once and kept for the next process', async () => {
    const folder = newFolder();
    expect(await new ContentCache(folder).get(ContentCache.key('a'), async () => 'code')).toBe('code');
    expect(await new ContentCache(folder).get(ContentCache.key('a'), neverMade)).toBe('code');
  });

  it('are told apart by all that they were made from, and by where one part ends', () => {
    const keys = [
      ['13.0', 'sm_80', 'source'],
      ['12.9', 'sm_80', 'source'],
      ['13.0', 'sm_90', 'source'],
      ['13.0', 'sm_80', 'other'],
      ['13.0', 'sm_80source'],
    ].map((parts) => ContentCache.key(...parts));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -1)],
    ['changed', (text: string) => text.replace('code', 'c0de')],
    ['emptied', () => ''],
  ])('are made anew if their file was %s', async (_how, damage) => {
    const folder = newFolder();
    const cache = new ContentCache(folder);
    const key = ContentCache.key('a');
    await cache.get(key, async () => 'code');
    const file = onlyFile(folder);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    expect(await cache.get(key, async () => 'made anew')).toBe('made anew');
    expect(await cache.get(key, neverMade)).toBe('made anew');
  });

  it('may be written by many at once: readers find a whole file or none', async () => {
    const folder = newFolder();
    const code = 'code '.repeat(100_000);
    const all = Array.from({ length: 20 }, () => new ContentCache(folder).get(ContentCache.key('a'), async () => code));
    expect(new Set(await Promise.all(all))).toEqual(new Set([code]));
    expect(readFileSync(onlyFile(folder), 'utf8')).toContain(code);
  });

  it('are made where nothing can be kept', async () => {
    const file = join(newFolder(), 'a file');
    writeFileSync(file, '');
    expect(await new ContentCache(file).get(ContentCache.key('a'), async () => 'code')).toBe('code');
  });

  it('that fail to be made are not kept', async () => {
    const cache = new ContentCache(newFolder());
    await expect(cache.get(ContentCache.key('a'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.get(ContentCache.key('a'), async () => 'code')).toBe('code');
  });
});
