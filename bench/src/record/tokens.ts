import { basename } from 'node:path';
import { getLlama } from 'node-llama-cpp';
import { sha256, writeFixture } from './fixtures.js';
import { texts } from './texts.js';

/** Records the token ids that node-llama-cpp gives with a model's own vocabulary. */
export async function recordTokens(model: string): Promise<string> {
  return writeFixture('tokens-smollm2', {
    recordedBy: 'bench/src/record/tokens.ts',
    engine: 'node-llama-cpp 3.22.1, special tokens parsed',
    model: { file: basename(model), sha256: await sha256(model) },
    texts: await tokensOf(model),
  });
}

/** @param model a GGUF file, of which only the vocabulary is read */
export async function tokensOf(model: string): Promise<{ text: string; tokens: number[] }[]> {
  // It looks at the whole model beforehand, and complains of one that has no more than a vocabulary.
  const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'disabled' as never });
  const loaded = await llama.loadModel({ modelPath: model, vocabOnly: true });
  const recorded = texts.map((text) => ({ text, tokens: [...loaded.tokenize(text, true)] }));
  await loaded.dispose();
  await llama.dispose();
  return recorded;
}
