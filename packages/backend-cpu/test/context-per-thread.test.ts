import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { built } from '../../core/test/runtime/built.js';

built(new URL('../dist/index.js', import.meta.url));
const script = fileURLToPath(new URL('./fixtures/context-per-thread.mjs', import.meta.url));

// What a worker has in flight when it is ended is waited for, so that memory is not taken from under it.
test.each([
  ['two workers compute at once, each in a context of its own', 'finish', { status: 0, stdout: '0 wrong, 0 wrong' }],
  [
    'a worker is terminated with work in flight, while another one goes on and a third one comes',
    'terminate',
    { status: 0, stdout: 'ended, 0 wrong, 0 wrong' },
  ],
  ['the process exits while two workers have work in flight', 'exit', { status: 7, stdout: '' }],
])('%s', (_, ending, expected) => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ending], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  expect({ status, signal, stderr, stdout: stdout.trim() }).toEqual({ ...expected, signal: null, stderr: '' });
});
