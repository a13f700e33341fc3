import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchWheels } from '../../src/toolkit/fetch-wheels.js';
import type { Wheel } from '../../src/toolkit/release.js';
import { header, type PackageIndex, servePackage, sha256 } from './package-index.js';

describe('a wheel of which single files are wanted', () => {
  let folder = '';
  let index: PackageIndex | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-cache-'));
    vi.stubEnv('HALYARD_CACHE', folder);
  });
  afterEach(async () => {
    index?.close();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(options?: Parameters<typeof servePackage>[0]): Promise<PackageIndex> {
    index = await servePackage(options);
    vi.stubEnv('PIP_INDEX_URL', index.url);
    return index;
  }

  const fetched = async (wheel: Wheel) => {
    const root = await fetchWheels('sample', [wheel]);
    expect((await readdir(root)).toSorted()).toEqual(['complete.json', 'include']);
    return readFile(join(root, 'include', 'answer.h'), 'utf8');
  };

  it('is read where it lies on the index, and little of it', async () => {
    const { wheel, sent } = await serve();
    expect(await fetched(wheel)).toBe(header);
    expect(sent.reduce((sum, bytes) => sum + bytes)).toBeLessThan(200_000);
  });

  it('is downloaded whole where the host does not answer with ranges of bytes', async () => {
    const { wheel, sent } = await serve({ hasRanges: false });
    expect(await fetched(wheel)).toBe(header);
    expect(sent.at(-1)).toBeGreaterThan(2 ** 20);
  });

  it('is refused where a file in it is not the one that was pinned', async () => {
    const { wheel } = await serve();
    const other = { ...wheel, digests: { 'include/answer.h': sha256('#define ANSWER 41\n') } };
    await expect(fetchWheels('sample', [other])).rejects.toThrow(/answer\.h of halyard-sample 1\.0 has the SHA-256/);
    expect(await readdir(join(folder, 'toolkit'))).toEqual([]);
  });

  it('is refused where the host has another than the one that was pinned', async () => {
    const { wheel } = await serve({ isSound: false });
    await expect(fetchWheels('sample', [wheel])).rejects.toMatchObject({ code: 'simulator:no-toolkit' });
    expect(await readdir(join(folder, 'toolkit'))).toEqual([]);
  });
});
