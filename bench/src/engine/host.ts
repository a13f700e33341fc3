import { createInterface } from 'node:readline';
import { describeFailure } from '../process/failure.js';
import type { Engine, EngineName, EngineOptions } from './engine.js';

/** The other end of `openRemote`, for engines that are Node modules. Run as `node host.js NAME`. */
const openers: Partial<Record<EngineName, () => Promise<(options: EngineOptions) => Promise<Engine>>>> = {
  halyard: async () => (await import('./halyard.js')).openHalyard,
  'node-llama-cpp': async () => (await import('./node-llama-cpp.js')).openNodeLlama,
};

type Request =
  | ({ readonly call: 'open' } & EngineOptions)
  | { readonly call: 'close' }
  | { readonly call: 'tokenize' | 'prefill' | 'decode'; readonly arguments: readonly unknown[] };

const opener = openers[process.argv[2] as EngineName];
if (!opener) throw new Error(`No engine is named ${process.argv[2]}.`);
const open = await opener();
let engine: Engine | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as Request;
  if (request.call === 'close') break;
  let answer: object;
  try {
    answer = { value: (await perform(request)) ?? null };
  } catch (error) {
    answer = { error: describeFailure(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await engine?.close();
process.exit(0);

async function perform(request: Exclude<Request, { call: 'close' }>): Promise<unknown> {
  if (request.call === 'open') {
    engine = await open(request);
    return undefined;
  }
  const method = engine![request.call] as (...rest: unknown[]) => Promise<unknown>;
  return method(...request.arguments);
}
