import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fetchCublasHeaders, fetchToolkit } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Where the package index does not let parts of a wheel be read, the header costs half a gigabyte, which not everybody who
 * runs the tests should have to fetch.
 */
const isAsked = process.env.HALYARD_TEST_CUBLAS_HEADERS === '1';

describe.runIf(isAsked)("NVIDIA's header of cuBLASLt", () => {
  it.each(['12', '13'] as const)(
    '%s declares every function, type and number as we do',
    async (major) => {
      const [{ include }, headers] = await Promise.all([fetchToolkit(major), fetchCublasHeaders(major)]);
      const { status, stderr } = spawnSync(
        'c++',
        [
          ...['-std=c++20', '-fsyntax-only', '-I', path('../../native/include')],
          ...['-isystem', headers, '-isystem', include, path('native/cublaslt_check.cpp')],
        ],
        { encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
    300_000,
  );
});
