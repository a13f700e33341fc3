import { modelAliases } from '@halyard/models';
import type { Command } from 'commander';
import { obtainModel } from '../obtain-model.js';
import { printData } from '../terminal/output.js';

export function registerPull(program: Command): void {
  program
    .command('pull')
    .description('fetch a model into the cache and print its path')
    .argument('<model>', `${Object.keys(modelAliases).join(', ')}, or hf:owner/name/file`)
    .action(async (name: string) => {
      printData(`${await obtainModel(name)}\n`);
    });
}
