import type { Command } from 'commander';
import { answerOnce } from '../language/answer.js';
import { chat } from '../language/chat.js';
import { type LanguageOptions, loadLanguageModel } from '../language/load.js';
import { integerWithin, numberWithin } from '../options.js';

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('let a language model answer a prompt, or chat with it')
    .argument('<model>', 'an alias (smollm2), hf:owner/name/file, or the path of a GGUF file')
    .option('-p, --prompt <text>', 'answer this and end; without it, chat')
    .option('--raw', "take the prompt as it is, without the model's chat template")
    .option('--max-tokens <count>', 'generate at most this many', integerWithin({ least: 1 }))
    .option('--temperature <number>', '0 always takes the likeliest token', numberWithin({ least: 0 }))
    .option('--top-k <count>', 'sample among this many likeliest', integerWithin({ least: 1 }))
    .option('--top-p <number>', 'sample among the likeliest that hold this share', numberWithin({ least: 0, most: 1 }))
    .option('--seed <integer>', 'the same seed gives the same answer', integerWithin({ least: 0, most: 2 ** 32 - 1 }))
    .option('--device <name>', 'cpu, reference, … (default: the best one found; see doctor)')
    .option('--threads <count>', 'of the CPU backend (default: all cores)', integerWithin({ least: 1 }))
    .option('--json', 'print one object with the answer, its counts and its speed')
    .action(async (name: string, options: LanguageOptions, command: Command) => {
      if (options.json && options.prompt === undefined)
        command.error('error: --json needs a --prompt', { exitCode: 2 });
      const model = await loadLanguageModel(name, options);
      try {
        if (options.prompt === undefined) await chat(model, options);
        else await answerOnce(model, options.prompt, options);
      } finally {
        await model.close();
      }
    });
}
