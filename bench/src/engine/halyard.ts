import { type GenerateOptions, LanguageModel } from '@halyard/models';
import type { EngineOptions, ScoringEngine } from './engine.js';

const greedy: GenerateOptions = { temperature: 0, raw: true, reuseCache: false };

/** Ours, as a user calls it. */
export async function openHalyard(
  options: EngineOptions & {
    /** `float32` multiplies block-quantized weights exactly. */
    readonly precision?: 'int8' | 'float32';
  },
): Promise<ScoringEngine> {
  const model = await LanguageModel.load(options.model, {
    device: options.device ?? 'cpu',
    threads: options.threads,
    contextLength: options.contextLength,
    ...(options.precision !== undefined && { precision: { blockQuantized: options.precision } }),
    ...(options.precision === 'float32' && { cacheType: 'float32' as const }),
  });
  return {
    async tokenize(text) {
      return [...(await model.tokenize(text))];
    },
    async prefill(tokens) {
      const started = performance.now();
      for await (const { token } of model.generate(Int32Array.from(tokens), { ...greedy, maxTokens: 1 })) {
        return { seconds: (performance.now() - started) / 1000, token };
      }
      throw new Error('Halyard gave no token');
    },
    async decode(prompt, count) {
      const tokens: number[] = [];
      let started = 0;
      let ended = 0;
      for await (const { token, finishReason } of model.generate(Int32Array.from(prompt), {
        ...greedy,
        maxTokens: count + 1,
      })) {
        ended = performance.now();
        if (finishReason === 'end') break;
        if (tokens.length === 0) started = ended;
        tokens.push(token);
      }
      return { seconds: (ended - started) / 1000, tokens };
    },
    async logits(tokens, from) {
      const all = await model.logits(Int32Array.from(tokens));
      const vocabulary = all.length / tokens.length;
      return tokens.slice(from).map((_, row) => all.slice((from + row) * vocabulary, (from + row + 1) * vocabulary));
    },
    close: () => model.close(),
  };
}
