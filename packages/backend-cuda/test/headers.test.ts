import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fetchToolkit } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

describe.runIf(process.platform === 'linux' && process.arch === 'x64')("NVIDIA's headers", () => {
  it.each(['11', '12', '13'] as const)('of CUDA %s declare every function, type and number as we do', async (major) => {
    const { include } = await fetchToolkit(major);
    const { status, stderr } = spawnSync(
      'c++',
      [
        ...['-std=c++20', '-fsyntax-only', '-I', path('../../native/include'), '-isystem', include],
        path('native/headers_check.cpp'),
      ],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
