import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (folder: string) => fileURLToPath(new URL(`packages/${folder}/src/index.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      '@halyard/core': source('core'),
      '@halyard/native': source('native'),
      '@halyard/backend-cpu': source('backend-cpu'),
      '@halyard/conformance': source('conformance'),
      '@halyard/models': source('models'),
      '@halyard/simt': source('simt'),
      '@halyard/simulator': source('simulator'),
      '@halyard/backend-cuda': source('backend-cuda'),
    },
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'templates/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
