import type { MLContext } from '@halyard/core';
import { planChunks } from './buckets.js';
import type { DecoderGraphs } from './decoder-graphs.js';
import type { PromptRunner } from './prompt-runner.js';
import type { Sequence } from './sequence.js';

/** Logits of more positions at once would take too much memory. */
const logitsBuckets = [1, 8, 32, 128];

export interface LogitsTask {
  readonly context: MLContext;
  readonly graphs: DecoderGraphs;
  readonly prompts: PromptRunner;
  readonly sequence: Sequence;
  readonly tokens: readonly number[];
  readonly capacity: number;
  readonly vocabularySize: number;
}

/** @returns float32 [tokens, vocabulary] */
export async function evaluateLogits(task: LogitsTask): Promise<Float32Array> {
  const { context, graphs, prompts, sequence, tokens, capacity, vocabularySize } = task;
  const all = new Float32Array(tokens.length * vocabularySize);
  const chunks = planChunks(tokens.length, capacity, logitsBuckets);
  const submit = await prompts.prepare(chunks);
  for (const chunk of chunks) {
    const graph = await graphs.logits(chunk.bucket);
    const shape = [chunk.bucket, vocabularySize];
    const logits = await context.createTensor({ dataType: 'float32', shape, readable: true });
    try {
      submit({ graph, chunk, tokens, position: 0, states: sequence.caches, outputs: { logits } });
      const values = new Float32Array(await context.readTensor(logits));
      all.set(values.subarray(0, chunk.count * vocabularySize), chunk.start * vocabularySize);
    } finally {
      logits.destroy();
    }
  }
  return all;
}
