import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HalyardError } from '@halyard/core';
import type { Command } from 'commander';

/** The benchmarks, and the peers that they need, are part of a clone and of no published package. */
export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('compare with other engines: llm, matmul, memory, agreement, leaks (in a clone)')
    .argument('[arguments...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async () => {
      const script = new URL('../../../../scripts/bench.js', import.meta.url);
      if (!existsSync(fileURLToPath(script))) {
        throw new HalyardError('not-found', {
          found: 'This is an installed halyard, and the benchmarks come with the sources alone',
          expected: 'a clone of the repository',
          remedy: 'Clone it and run `npx --yes pnpm@10.34.8 bench` there',
        });
      }
      process.argv.splice(2, 1);
      await import(script.href);
    });
}
