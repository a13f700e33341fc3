import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

test('the kernel compiles without warnings', async () => {
  const folders = ['../../packages/backend-cpu/native', '../../packages/native/include'].map((one) => `-I${path(one)}`);
  const { stderr } = await promisify(execFile)(process.env.CXX ?? 'c++', [
    ...['-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Werror'],
    ...folders,
    path('row_sums.cpp'),
  ]);
  expect(stderr).toBe('');
});
