import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../../../vitest.config.js';

/** What runs in a process that has the stand-in driver on its loader's path: see conformance.test.ts. */
export default mergeConfig(
  { ...base, test: { ...base.test, projects: undefined } },
  {
    root: fileURLToPath(new URL('../../../..', import.meta.url)),
    test: { include: ['packages/backend-cuda/test/simulated/*.suite.ts'], testTimeout: 240_000 },
  },
);
