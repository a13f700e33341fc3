import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { built } from './built.js';

/** Threads run what was built. */
const core = built(new URL('../../dist/index.js', import.meta.url));
const script = fileURLToPath(new URL('./fixtures/busy.mjs', import.meta.url));

test.each([
  ['two workers compute, each in a context of its own', 'finish', '16 16'],
  ['workers can be terminated with work in flight', 'terminate', 'terminated terminated'],
  ['the process can exit with work in flight', 'exit', 'exits'],
])('%s', (_, ending, output) => {
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, [script, core.href, ending], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ status, signal, stderr, stdout: stdout.trim() }).toEqual({
    status: 0,
    signal: null,
    stderr: '',
    stdout: output,
  });
});

// What holds the loop does so each time; a neighbour on the same core, who makes all work dearer, does not.
test('a large graph is compiled while the event loop goes on', { retry: 2 }, () => {
  const graph = fileURLToPath(new URL('./fixtures/large-graph.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [graph, core.href], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { result, expected, held } = JSON.parse(stdout) as Record<string, number>;
  expect(result).toBeCloseTo(expected!, 4);
  expect(held).toBeLessThan(20);
});
