import { basename } from 'node:path';
import { openNodeLlama } from '../engine/node-llama-cpp.js';
import { prompts } from '../prompts.js';
import { sha256, writeFixture } from './fixtures.js';

const count = 48;

/** Records what node-llama-cpp generates greedily; ends early where it gave an end-of-text token. */
export async function recordGreedy(model: string): Promise<string> {
  const engine = await openNodeLlama({ model, threads: 1, contextLength: 512 });
  const generations = [];
  for (const prompt of prompts) {
    const promptTokens = await engine.tokenize(prompt);
    const { tokens } = await engine.decode(promptTokens, count - 1);
    generations.push({ prompt, promptTokens, tokens });
  }
  await engine.close();
  return writeFixture('greedy-node-llama-cpp', {
    recordedBy: 'bench/src/record/greedy.ts',
    engine: 'node-llama-cpp 3.22.1, CPU, 1 thread, temperature 0',
    model: { file: basename(model), sha256: await sha256(model) },
    generations,
  });
}
