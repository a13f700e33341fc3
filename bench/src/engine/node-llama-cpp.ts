import { getLlama, type LlamaContextSequence, type LlamaModel, type Token } from 'node-llama-cpp';
import type { EngineOptions, ScoringEngine } from './engine.js';

/**
 * node-llama-cpp with its prebuilt CPU binary. `evaluate` with temperature 0 gives greedy token ids,
 * `controlledEvaluate` with `generateNext.logits` the raw logits of the whole vocabulary.
 */
export async function openNodeLlama(
  options: EngineOptions & {
    /** Which of its attention kernels, if not the one it takes by itself; results differ by rounding alone. */
    readonly flashAttention?: boolean;
    /** Whether keys and values are kept in float32, rather than in float16 as it does by itself. */
    readonly exactCache?: boolean;
  },
): Promise<ScoringEngine> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    progressLogs: false,
    logLevel: 'error' as never,
    maxThreads: options.threads,
  });
  const model = await llama.loadModel({ modelPath: options.model });
  const context = await model.createContext({
    contextSize: options.contextLength,
    batchSize: 512,
    flashAttention: options.flashAttention ?? 'auto',
    threads: options.threads,
    ...(options.exactCache && { experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' }),
  });
  const sequence = context.getSequence();

  return {
    async tokenize(text) {
      return model.tokenize(text, false);
    },
    async prefill(tokens) {
      await sequence.clearHistory();
      const started = performance.now();
      const token = await firstToken(sequence, tokens);
      return { seconds: (performance.now() - started) / 1000, token };
    },
    async decode(tokens, count) {
      await sequence.clearHistory();
      return decode(sequence, tokens, count);
    },
    async logits(tokens, from) {
      await sequence.clearHistory();
      return logits(sequence, model, tokens, from);
    },
    async close() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}

async function firstToken(sequence: LlamaContextSequence, tokens: readonly number[]): Promise<number> {
  const iterator = sequence.evaluate(tokens as Token[], { temperature: 0, yieldEogToken: true });
  const first = await iterator.next();
  await iterator.return();
  if (first.done) throw new Error('node-llama-cpp gave no token');
  return first.value;
}

async function decode(sequence: LlamaContextSequence, prompt: readonly number[], count: number) {
  const tokens: number[] = [];
  let started = 0;
  let ended = 0;
  for await (const token of sequence.evaluate(prompt as Token[], { temperature: 0 })) {
    // The first token comes out of the prompt's evaluation: the clock runs from there on.
    ended = performance.now();
    if (tokens.length === 0) started = ended;
    tokens.push(token);
    if (tokens.length === count + 1) break;
  }
  return { seconds: (ended - started) / 1000, tokens };
}

async function logits(
  sequence: LlamaContextSequence,
  model: LlamaModel,
  tokens: readonly number[],
  from: number,
): Promise<Float32Array[]> {
  const vocabulary = [...model.iterateAllTokens()].length;
  const rows: Float32Array[] = [];
  await sequence.controlledEvaluate(
    (tokens as Token[]).map((token, position) =>
      position < from ? token : [token, { generateNext: { logits: true } }],
    ),
    {
      onTokenResult(_position, result) {
        const row = new Float32Array(vocabulary).fill(Number.NEGATIVE_INFINITY);
        for (const [token, value] of result.next.logits ?? []) row[token] = value;
        rows.push(row);
      },
    },
  );
  return rows;
}
