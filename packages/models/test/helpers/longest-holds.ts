import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { built } from '../../../core/test/runtime/built.js';

const models = built(new URL('../../dist/index.js', import.meta.url));

/**
 * For how many milliseconds at most the event loop was held, in each round of a script. It gets the URL of the built
 * package and the path of the model as arguments, in a process of its own, and prints an array.
 */
export function longestHolds(script: URL, model: string): number[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(script), models.href, model], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as number[];
}
