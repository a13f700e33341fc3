import { LanguageModel } from '@halyard/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cpuDevice } from '../helpers/cpu-device.js';
import { fixture } from '../helpers/fixture.js';
import { realModel, withoutModels } from '../helpers/real-model.js';

interface Recorded {
  readonly generations: readonly { prompt: string; promptTokens: readonly number[]; tokens: readonly number[] }[];
}

const path = await realModel('smollm2');
// The first of many: the benchmark compares them all, and further.
const generations = (await fixture<Recorded>('greedy-node-llama-cpp')).generations.slice(0, 8);
const count = 24;

describe.skipIf(withoutModels)('SmolLM2-135M-Instruct (Q4_1)', () => {
  const options = { ...cpuDevice, contextLength: 512 };
  let model: LanguageModel;
  let exact: Promise<LanguageModel> | undefined;

  /** The same weights multiplied in float32: who is asked where the two part. */
  const inFloat32 = () => {
    exact ??= LanguageModel.load(path, {
      ...options,
      cacheType: 'float32',
      precision: { blockQuantized: 'float32' },
    });
    return exact;
  };

  beforeAll(async () => {
    model = await LanguageModel.load(path, options);
  });
  afterAll(async () => {
    await model?.close();
    await (await exact)?.close();
  });

  test('is planned within 1.10 of the least memory that any plan needs', async () => {
    const { plannedBytes, lowerBoundBytes } = (await model.explain()).memory;
    expect(plannedBytes / lowerBoundBytes).toBeLessThanOrEqual(1.1);
  });

  test.each(generations)(
    'continues $prompt as llama.cpp does, or parts from it where float32 does not clearly prefer its token',
    async (recorded) => {
      expect([...(await model.tokenize(recorded.prompt, { special: true }))]).toEqual(recorded.promptTokens);
      const tokens: number[] = [];
      const greedy = { maxTokens: count, temperature: 0, raw: true };
      for await (const { token } of model.generate(recorded.prompt, greedy)) tokens.push(token);
      const expected = recorded.tokens.slice(0, count);
      const parting = expected.findIndex((token, i) => token !== tokens[i]);
      if (parting < 0) return;
      const before = [...recorded.promptTokens, ...expected.slice(0, parting)];
      // Both round activations to 8 bits: the same weights multiplied in float32 tell which token was due.
      const judge = await inFloat32();
      const logits = (await judge.logits(Int32Array.from(before))).slice(-judge.description.vocabularySize);
      const lead = logits[expected[parting]!]! - logits[tokens[parting]!]!;
      expect(lead, `parts at token ${parting}: ${tokens[parting]} for ${expected[parting]}`).toBeLessThan(0.1);
    },
  );
});
