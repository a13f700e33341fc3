import { describe, expect, it } from 'vitest';
import { realModel, withoutModels } from '../../../models/test/helpers/real-model.js';
import { canSimulate, runSimulated } from '../support/simulated-process.js';

const entry = (name: string) => JSON.stringify(new URL(`../../../${name}/dist/index.js`, import.meta.url).href);

const path = canSimulate ? await realModel('smollm2') : '';

interface Answer {
  readonly text: string;
  readonly tokens: readonly number[];
  /** How far logits of the two backends are apart: the greatest difference, and the root of the mean square. */
  readonly greatest: number;
  readonly mean: number;
}

describe.runIf(canSimulate && !withoutModels)('SmolLM2-135M on the simulated device', () => {
  it('goes on as on the CPU, with the same logits to float32 rounding', { timeout: 180_000 }, async () => {
    const { printed, errorOutput } = await runSimulated(
      {
        devices: [{ architecture: 'sm_80', memoryBytes: 2 ** 31 }],
        checks: { races: false, initialized: false },
        countMemory: false,
      },
      `
      const { LanguageModel } = await import(${entry('models')});
      const { default: cpu } = await import(${entry('backend-cpu')});
      const path = ${JSON.stringify(path)};
      // Products in float32 on both, so that only the order of sums differs.
      const exact = { contextLength: 64, cacheType: 'float32', precision: { blockQuantized: 'float32' } };
      const here = await LanguageModel.load(path, { ...exact, device: 'cpu', backends: [cpu] });
      const there = await LanguageModel.load(path, { ...exact, device: 'cuda', backends: [plugin] });
      const tokens = [];
      let text = '';
      for await (const part of there.generate('The capital of France is', { maxTokens: 8, temperature: 0, raw: true })) {
        tokens.push(part.token);
        text += part.text;
      }
      const fed = Int32Array.from([...(await here.tokenize('The capital of France is', { special: true })), ...tokens]);
      const [expected, found] = [await here.logits(fed), await there.logits(fed)];
      const differences = expected.map((logit, i) => Math.abs(logit - found[i]));
      const greatest = differences.reduce((most, one) => Math.max(most, one), 0);
      const mean = Math.sqrt(differences.reduce((sum, one) => sum + one * one, 0) / differences.length);
      const vocabulary = here.description.vocabularySize;
      const rows = fed.length - tokens.length;
      const greedy = tokens.map((_, i) => {
        const row = expected.subarray((rows + i - 1) * vocabulary, (rows + i) * vocabulary);
        return row.indexOf(row.reduce((most, one) => Math.max(most, one)));
      });
      print({ text, tokens, greedy, greatest, mean });
      await there.close();
      await here.close();
      `,
    );
    expect(errorOutput).toBe('');
    const [answer] = printed as [Answer & { readonly greedy: readonly number[] }];
    expect(answer.text).toContain('Paris');
    expect(answer.tokens).toEqual(answer.greedy);
    expect(answer.mean).toBeLessThan(1e-3);
    expect(answer.greatest).toBeLessThan(1e-2);
  });
});
