import { type FinishReason, LanguageModel } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture } from '../helpers/fixture.js';
import { realModel } from '../helpers/real-model.js';
import { usableDevice } from '../helpers/usable-device.js';

interface Recorded {
  readonly generations: readonly { prompt: string; promptTokens: readonly number[]; tokens: readonly number[] }[];
}

const path = await realModel('smollm2');
const device = await usableDevice();
const isSlow = device.device === 'reference';
const { generations } = await fixture<Recorded>('greedy-node-llama-cpp');
const count = 48;

// The slow exact interpreter takes a second for each token: where the CPU backend is not built, this is left out.
describe.skipIf(path === undefined || isSlow)('SmolLM2-135M-Instruct (Q4_1)', () => {
  let model: LanguageModel;
  let exact: LanguageModel;

  beforeAll(async () => {
    const options = { ...device, contextLength: 512 };
    model = await LanguageModel.load(path!, options);
    exact = await LanguageModel.load(path!, {
      ...options,
      cacheType: 'float32',
      precision: { blockQuantized: 'float32' },
    });
  });
  afterAll(async () => {
    await model?.close();
    await exact?.close();
  });

  test.each(generations)(
    'continues $prompt as llama.cpp does, or parts from it where float32 does not clearly prefer its token',
    async (recorded) => {
      expect([...(await model.tokenize(recorded.prompt, { special: true }))]).toEqual(recorded.promptTokens);
      const tokens: number[] = [];
      const options = { maxTokens: count, temperature: 0, raw: true };
      for await (const { token } of model.generate(recorded.prompt, options)) tokens.push(token);
      const expected = recorded.tokens.slice(0, count);
      const parting = expected.findIndex((token, i) => token !== tokens[i]);
      if (parting < 0) return;
      const before = [...recorded.promptTokens, ...expected.slice(0, parting)];
      const logits = (await exact.logits(Int32Array.from(before))).slice(-exact.description.vocabularySize);
      // Both round activations to 8 bits: the same weights multiplied in float32 tell which token was due.
      const lead = logits[expected[parting]!]! - logits[tokens[parting]!]!;
      expect(lead, `parts at token ${parting}: ${tokens[parting]} for ${expected[parting]}`).toBeLessThan(0.1);
    },
  );

  test('answers a conversation in its own chat format, and ends the turn', async () => {
    let text = '';
    let finishReason: FinishReason | undefined;
    for await (const piece of exact.generate('What is the capital of France?', { maxTokens: 100 })) {
      text += piece.text;
      finishReason = piece.finishReason;
    }
    expect(text).toContain('Paris');
    expect(finishReason).toBe('end');
  });
});
