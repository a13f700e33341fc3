import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const run = async (example: string) =>
  (await promisify(execFile)(process.execPath, [root(`examples/${example}`)], { cwd: root('examples') })).stdout;

test("the README's example is the one in examples/", async () => {
  const [, example] = (await readFile(root('README.md'), 'utf8')).match(/```js\n(.*?)```/s)!;
  expect(example).toBe(await readFile(root('examples/first-graph.mjs'), 'utf8'));
});

test("the README's example prints rows that add up to 1", async () => {
  const [a, b, c, d] = [...(await run('first-graph.mjs')).matchAll(/\d\.\d+/g)].map(Number);
  expect(a! + b!).toBeCloseTo(1, 6);
  expect(c! + d!).toBeCloseTo(1, 6);
});

test('the backend in one file computes', async () => {
  expect(await run('backend.mjs')).toMatch(/\[\s*0,\s*0,\s*1,\s*2\s*\]/);
});
