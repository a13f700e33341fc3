import type { Command } from 'commander';
import { type DeviceOptions, integerWithin } from '../options.js';
import { loadSentenceEncoder } from '../sentences/load.js';
import { printData, printJson } from '../terminal/output.js';
import { progressBar } from '../terminal/progress.js';

export function registerEmbed(program: Command): void {
  program
    .command('embed')
    .description('turn texts into vectors, one line of numbers each')
    .argument('<model>', 'an alias (minilm) or the path of a folder with safetensors')
    .argument('<text...>', 'texts, each a sentence or a paragraph')
    .option('--device <name>', 'cpu, reference, … (default: the best one found)')
    .option('--threads <count>', 'of the CPU backend (default: all cores)', integerWithin({ least: 1 }))
    .option('--json', 'print one array of {text, embedding}')
    .action(async (name: string, texts: string[], options: DeviceOptions & { readonly json?: true }) => {
      const encoder = await loadSentenceEncoder(name, options);
      const bar = progressBar();
      try {
        bar.update(0, 1, 'embedding');
        const embeddings = (await encoder.embed(texts)).map((embedding) => Array.from(embedding));
        bar.end();
        if (options.json) printJson(texts.map((text, index) => ({ text, embedding: embeddings[index] })));
        else for (const embedding of embeddings) printData(`${embedding.join(' ')}\n`);
      } finally {
        bar.end();
        await encoder.close();
      }
    });
}
