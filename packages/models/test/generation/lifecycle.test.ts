import { createContext, type MLContext } from '@halyard/core';
import { LanguageModel, SentenceEncoder } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { writeTinyDecoder } from '../helpers/tiny-decoder.js';
import { writeTinyEncoder } from '../helpers/tiny-encoder.js';

const folder = temporaryFolder();
let context: MLContext;

beforeAll(async () => {
  context = await createContext({ device: 'reference' });
});
afterAll(() => context.destroy());

/** Bytes of the device that anything holds. */
async function allocatedBytes(): Promise<number> {
  await context.settled();
  return Object.values(context.telemetry.memory()).reduce((sum, pool) => sum + pool.allocatedBytes, 0);
}

/** Open handles of the process, threads among them. */
const handles = () => process.getActiveResourcesInfo().length;

describe('a model that is closed gives everything back', () => {
  test('a language model, answered or broken off', async () => {
    const { path } = await writeTinyDecoder(folder.join('tiny.gguf'), { architecture: 'llama' });
    const before = await allocatedBytes();
    let after = 0;
    for (let round = 0; round < 8; round++) {
      const model = await LanguageModel.load(path, { context, contextLength: 64 });
      for await (const _ of model.generate(Int32Array.of(1, 2), { maxTokens: 4, temperature: 1 }));
      for await (const _ of model.generate(Int32Array.of(1, 2))) break;
      await model.logits(Int32Array.of(1, 2, 3));
      expect(await allocatedBytes()).toBeGreaterThan(before);
      await model.close();
      expect(await allocatedBytes()).toBe(before);
      if (round === 0) after = handles();
      else expect(handles()).toBeLessThanOrEqual(after);
    }
  });

  test('a sentence encoder', async () => {
    const { path } = await writeTinyEncoder(folder.join('encoder'));
    const before = await allocatedBytes();
    for (let round = 0; round < 4; round++) {
      const encoder = await SentenceEncoder.load(path, { context });
      await encoder.embed(['a rope', 'the sails']);
      await encoder.close();
      expect(await allocatedBytes()).toBe(before);
    }
  });

  test('also one that could not be loaded', async () => {
    const { path } = await writeTinyDecoder(folder.join('other.gguf'), { architecture: 'llama' });
    const [bytes, open] = [await allocatedBytes(), handles()];
    const loading = LanguageModel.load(path, { context, contextLength: 64, signal: AbortSignal.abort() });
    await expect(loading).rejects.toMatchObject({ code: 'aborted' });
    await expect(SentenceEncoder.load(path, { context })).rejects.toMatchObject({ code: 'unsupported' });
    expect(await allocatedBytes()).toBe(bytes);
    expect(handles()).toBeLessThanOrEqual(open);
  });
});
