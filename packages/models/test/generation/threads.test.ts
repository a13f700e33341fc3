import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { built } from '../../../core/test/runtime/built.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTinyDecoder } from '../helpers/tiny-decoder.js';

const models = built(new URL('../../dist/index.js', import.meta.url));
const folder = temporaryFolder();

test('a model answers in three threads at once, while a fourth one is terminated in the midst of its answer', async () => {
  // Of this seed no token ends the answer early.
  const { path } = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama', seed: 2 });
  const script = fileURLToPath(new URL('./fixtures/generate-in-threads.mjs', import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, models.href, path], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  const [here, ...workers] = JSON.parse(stdout) as number[][];
  expect(here).toHaveLength(200);
  expect(workers).toEqual([here, here]);
});
