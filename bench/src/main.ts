import { Command, InvalidArgumentError } from 'commander';
import type { Shape } from './command/device-matmul.js';
import { type ChosenDevice, chooseDevice } from './device.js';
import { type EngineName, engineNames } from './engine/engine.js';
import { obtainModel } from './models.js';
import { formatReport, type Report } from './table.js';

interface Options {
  readonly json?: true;
  readonly model?: string;
  readonly encoder?: string;
  readonly rounds?: number;
  readonly tokens?: number;
  readonly prefill: readonly number[];
  readonly prompts: number;
  readonly dispatches: number;
  readonly loads: number;
  readonly growth: number;
  readonly oracle: string;
  readonly engines?: EngineName[];
  readonly device?: string;
  readonly shapes?: Shape[];
}

/** As given, with the device looked up. */
type Chosen = Omit<Options, 'device'> & { readonly device: ChosenDevice | undefined };

const reports: Record<string, { about: string; run: (options: Chosen) => Promise<Report[]> }> = {
  llm: {
    about: 'decode and prefill of SmolLM2 beside node-llama-cpp and ik_llama.cpp',
    run: async ({ model, rounds = 5, tokens = 48, prefill, device, engines }) => {
      const { languageModels } = await import('./command/llm.js');
      // The peers that are here compute on the CPU: on another device Halyard is alone, unless they are named.
      const names = engines ?? (device === undefined ? [...engineNames] : (['halyard'] as const));
      const path = await obtainModel('smollm2', model);
      return [await languageModels({ model: path, rounds, tokens, prefill, engines: names, device })];
    },
  },
  matmul: {
    about: "float32 matrix products beside ONNX Runtime; with --device, products beside the vendor's own library",
    // A millisecond's product sways by a tenth from run to run: medians of many settle it.
    run: async ({ rounds = 21, device, shapes }) => {
      if (device === undefined) return [await (await import('./command/matmul.js')).matmuls({ rounds })];
      const { deviceMatmuls } = await import('./command/device-matmul.js');
      return [await deviceMatmuls({ device: device.name, rounds, ...(shapes && { shapes }) })];
    },
  },
  memory: {
    about: 'the memory planner beside the lower bound; resident memory of the models',
    run: async ({ rounds = 5, model, encoder, tokens, device }) => {
      const { planner } = await import('./command/planner.js');
      const { modelMemory } = await import('./command/model-memory.js');
      return [planner(rounds), await modelMemory({ model, encoder, tokens, device })];
    },
  },
  agreement: {
    about: 'greedy generation beside node-llama-cpp, and divergence from float32',
    run: async ({ model, prompts, tokens = 48, oracle, device }) => {
      const { agreement } = await import('./command/agreement.js');
      const path = await obtainModel('smollm2', model);
      return [await agreement({ model: path, prompts, tokens, oracle, device })];
    },
  },
  leaks: {
    about: 'resident memory over many dispatches, and over many rounds of loading and releasing a model',
    run: async ({ model, dispatches, loads, growth, device }) => {
      const { leaks } = await import('./command/leaks.js');
      return [await leaks({ model: await obtainModel('smollm2', model), dispatches, loads, growth, device })];
    },
  },
};

const count = (value: string) => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('A positive integer is expected.');
  return number;
};
const counts = (value: string) => value.split(',').map(count);
const engineList = (value: string) => {
  const names = value.split(',') as EngineName[];
  const unknown = names.find((name) => !engineNames.includes(name));
  if (unknown) throw new InvalidArgumentError(`${unknown} is none of ${engineNames.join(', ')}.`);
  return names;
};

const shapeList = (value: string): Shape[] =>
  value.split(',').map((text) => {
    const shape = text.split('x').map(count);
    if (shape.length !== 3) throw new InvalidArgumentError(`${text} is no m×k×n, as in 512x512x512.`);
    return shape as unknown as Shape;
  });

// What is under way is left as it is: processes end with this one, and devices with theirs.
process.once('SIGINT', () => process.exit(130));

const program = new Command('bench')
  .description('Halyard beside its peers; without a command, all of them')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
// Both take the same options: those behind a command's name are the command's.
program.enablePositionalOptions();
withOptions(program).action((options: Options) => print(Object.keys(reports), options));
for (const [name, { about }] of Object.entries(reports)) {
  withOptions(program.command(name).description(about)).action((options: Options) => print([name], options));
}
program
  .command('record')
  .description('record anew, from the peers, what the tests hold against')
  .option('--model <path>', 'SmolLM2-135M-Instruct as GGUF')
  .option('--encoder <folder>', 'all-MiniLM-L6-v2')
  .action(async (options: { model?: string; encoder?: string }) => {
    const { recordGreedy } = await import('./record/greedy.js');
    const { recordTokens } = await import('./record/tokens.js');
    const { recordEmbeddings } = await import('./record/embeddings.js');
    const { recordWrittenModels } = await import('./record/written-models.js');
    const model = await obtainModel('smollm2', options.model);
    const note = (path: string) => process.stderr.write(`${path}\n`);
    note(await recordGreedy(model));
    note(await recordTokens(model));
    note(await recordEmbeddings(await obtainModel('minilm', options.encoder)));
    for (const path of await recordWrittenModels()) note(path);
  });

await program.parseAsync();
// Some peers leave threads behind that would keep the process.
process.exit();

function withOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON object instead of tables')
    .option('--model <path>', 'SmolLM2-135M-Instruct as GGUF (default: fetched)')
    .option('--encoder <folder>', 'all-MiniLM-L6-v2, for memory (default: fetched)')
    .option('--rounds <count>', 'interleaved runs (default: 5, for matmul 21)', count)
    .option('--tokens <count>', 'how many tokens to generate (default: 48, for memory 32)', count)
    .option('--prefill <lengths>', 'of the prompts of llm, in tokens, separated by commas', counts, [128, 512])
    .option('--prompts <count>', 'how many prompts to compare', count, 24)
    .option('--dispatches <count>', 'how many dispatches to watch', count, 10_000)
    .option('--loads <count>', 'how many times to load and release the model', count, 100)
    .option('--growth <part>', 'how much more memory may be resident at the end', Number, 0.02)
    .option('--oracle <device>', 'what evaluates in float32: cpu, or reference (exact, and half an hour)', 'cpu')
    .option('--engines <names>', 'separated by commas (default: all, with --device Halyard alone)', engineList)
    .option('--device <name>', 'where Halyard computes: cuda, cuda:1, … (default: the CPU)')
    .option('--shapes <list>', 'of matmul --device, m×k×n separated by commas: 1x4096x4096,512x512x512', shapeList);
}

async function print(names: readonly string[], given: Options): Promise<void> {
  // Before models are fetched: a device that is not there ends all of it, with the reason.
  const options: Chosen = {
    ...given,
    device: given.device === undefined ? undefined : await chooseDevice(given.device),
  };
  const data: Record<string, unknown> = {};
  for (const name of names) {
    const made = await reports[name]!.run(options);
    data[name] = made.length === 1 ? made[0]!.data : made.map((report) => report.data);
    if (!options.json) process.stdout.write(`${made.map(formatReport).join('\n')}\n`);
    if (made.some((report) => report.failed)) process.exitCode = 1;
  }
  if (options.json) process.stdout.write(`${JSON.stringify(data)}\n`);
}
