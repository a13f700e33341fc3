import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (folder: string) => fileURLToPath(new URL(`packages/${folder}/src/index.ts`, import.meta.url));

/** What takes time itself, and so has the machine to itself. */
const timed = [
  'packages/core/test/reference/plugin.test.ts',
  'packages/core/test/runtime/hot-path.test.ts',
  'packages/models/test/encoding/event-loop.test.ts',
  'packages/models/test/generation/event-loop.test.ts',
  'packages/models/test/tokenizer/smollm2.test.ts',
];

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
    pool: 'forks',
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['packages/*/test/**/*.test.ts', 'templates/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...timed],
          // Vitest's own choice leaves one processor idle.
          maxWorkers: availableParallelism(),
        },
      },
      { extends: true, test: { name: 'timed', include: timed, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
