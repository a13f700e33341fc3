import { cac } from 'cac';
import { type EngineName, engineNames } from './engine/engine.js';
import { formatReport, type Report } from './table.js';

const program = cac('bench');
const json = ['--json', 'Print one JSON object instead of tables'] as const;

program
  .command('llm', 'Decode and prefill of SmolLM2 beside node-llama-cpp and ik_llama.cpp')
  .option('--model <path>', 'A GGUF file', { default: '' })
  .option('--rounds <count>', 'Interleaved runs', { default: 5 })
  .option('--engines <names>', 'Separated by commas', { default: engineNames.join(',') })
  .option(...json)
  .action(async (options: { model: string; rounds: number; engines: string; json?: boolean }) => {
    const { languageModels } = await import('./command/llm.js');
    const engines = options.engines.split(',') as EngineName[];
    print([await languageModels({ model: options.model, rounds: options.rounds, engines })], options.json);
  });

program
  .command('record', 'Record anew, from the peers, what the tests hold against')
  .option('--model <path>', 'SmolLM2-135M-Instruct as GGUF')
  .option('--encoder <folder>', 'all-MiniLM-L6-v2 as a folder')
  .action(async (options: { model?: string; encoder?: string }) => {
    const { recordGreedy } = await import('./record/greedy.js');
    const { recordEmbeddings } = await import('./record/embeddings.js');
    if (options.model) process.stderr.write(`${await recordGreedy(options.model)}\n`);
    if (options.encoder) process.stderr.write(`${await recordEmbeddings(options.encoder)}\n`);
  });

program.help();
program.parse();

function print(reports: readonly Report[], json = false): void {
  process.stdout.write(
    json ? `${JSON.stringify(reports.map(({ data }) => data))}\n` : reports.map(formatReport).join('\n'),
  );
}
