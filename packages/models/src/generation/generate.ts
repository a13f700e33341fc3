import type { MLContext } from '@halyard/core';
import { throwIfAborted } from '../abort.js';
import { TokenTextDecoder } from '../tokenizer/text-decoder.js';
import type { TokenTable } from '../tokenizer/token-table.js';
import { planChunks } from './buckets.js';
import type { DecoderGraphs } from './decoder-graphs.js';
import type { PromptRunner } from './prompt-runner.js';
import { type SamplingParameters, samplerFor } from './sampling.js';
import type { Sequence } from './sequence.js';
import { Stopwatch } from './statistics.js';
import { StopStrings } from './stop-strings.js';

/** One token of an answer. */
export interface GeneratedToken {
  readonly token: number;
  /** What it adds to the text: nothing in the middle of a character, or where a stop string may have begun. */
  readonly text: string;
  /** Set on the last token: why it is the last. */
  readonly finishReason?: FinishReason;
}

/**
 * - `end`: the token ends the answer (end of text, end of turn)
 * - `stop`: a stop string was found
 * - `length`: `maxTokens` were generated
 * - `context-full`: there is no room for another token; load the model with a greater `contextLength`
 */
export type FinishReason = 'end' | 'stop' | 'length' | 'context-full';

/** What a generation works with. */
export interface GenerationTask {
  readonly context: MLContext;
  readonly graphs: DecoderGraphs;
  readonly prompts: PromptRunner;
  readonly sequence: Sequence;
  readonly capacity: number;
  readonly vocabularySize: number;
  readonly table: TokenTable;
  readonly endsOfGeneration: readonly number[];
  readonly prompt: readonly number[];
  /** How many of the prompt's first tokens are taken from the sequence's cache. */
  readonly reused: number;
  readonly parameters: SamplingParameters;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** Runs that are submitted before the token of the one before them was read. */
  readonly runsAhead: number;
  readonly signal: AbortSignal | undefined;
  readonly onStart: (stopwatch: Stopwatch) => void;
}

/**
 * Generates tokens: one dispatch and one read for each. The sequence is at rest when this ends, however it ends.
 *
 * @throws HalyardError `aborted` once the signal was given, and what the device fails with
 */
export async function* generateTokens(task: GenerationTask): AsyncGenerator<GeneratedToken, void, undefined> {
  const { sequence, prompt, reused, maxTokens, capacity, signal } = task;
  const run = await prepareRun(task);
  const text = new AnswerText(task);
  const stopwatch = new Stopwatch(prompt.length, prompt.length - reused);
  const reads: Promise<number>[] = [];
  const answer: number[] = [];
  // The last token that there is room for needs no row in the cache.
  const mostRuns = Math.min(maxTokens - 1, capacity - prompt.length);
  let runs = 0;
  sequence.cached = [];
  try {
    throwIfAborted(signal, 'The generation');
    stopwatch.start();
    task.onStart(stopwatch);
    reads.push(run.prefill());
    for (;;) {
      while (reads.length <= task.runsAhead && runs < mostRuns) {
        reads.push(run.decode());
        runs++;
      }
      const token = await reads.shift()!;
      stopwatch.token();
      throwIfAborted(signal, 'The generation');
      answer.push(token);
      const isLast = answer.length > mostRuns;
      const piece = text.push(token, isLast ? (maxTokens === answer.length ? 'length' : 'context-full') : undefined);
      yield piece;
      if (piece.finishReason !== undefined) return;
      throwIfAborted(signal, 'The generation');
    }
  } finally {
    // Runs ahead have written to the cache; those tokens count, too, if they could be read.
    const ahead = await Promise.allSettled(reads);
    for (const read of ahead) if (read.status === 'fulfilled') answer.push(read.value);
    if (ahead.every(({ status }) => status === 'fulfilled')) sequence.cached = [...prompt, ...answer.slice(0, runs)];
  }
}

interface Run {
  /** Submits the prompt; gives the token that follows it. */
  prefill(): Promise<number>;
  decode(): Promise<number>;
}

/** Everything that may have to be compiled or allocated, before the clock starts. */
async function prepareRun(task: GenerationTask): Promise<Run> {
  const { context, graphs, sequence, parameters, prompt, reused, capacity, vocabularySize } = task;
  const sampler = samplerFor(parameters, vocabularySize);
  const inputs = sampler === 'greedy' ? {} : sequence.sampling;
  const fresh = prompt.slice(reused);
  const chunks = planChunks(fresh.length, capacity - reused);
  // One is compiled while another is brought to the device.
  const [decode, ...prefill] = await Promise.all([
    graphs.decode(sampler),
    ...chunks.map(({ bucket }) => graphs.prefill(bucket, sampler)),
  ]);
  const submit = await task.prompts.prepare(chunks.filter(({ bucket }) => bucket > 1));
  if (sampler !== 'greedy') {
    sequence.writeSampling({ ...parameters, topK: parameters.topK === 0 ? vocabularySize : parameters.topK });
  }
  const { states } = sequence;
  // In the queue's order: before a later run puts another token there.
  const read = async () => new Int32Array(await context.readTensor(sequence.token))[0]!;
  const runDecode = () => context.dispatch(decode!, inputs, {}, { states });
  return {
    prefill: () => {
      for (const [i, chunk] of chunks.entries()) {
        if (chunk.bucket === 1) {
          sequence.place(fresh[chunk.start]!, reused + chunk.start);
          runDecode();
        } else submit({ graph: prefill[i]!, chunk, tokens: fresh, position: reused, states, inputs });
      }
      return read();
    },
    decode: () => {
      runDecode();
      return read();
    },
  };
}

/** Turns tokens into pieces of text and sees where the answer ends. */
class AnswerText {
  readonly #decoder: TokenTextDecoder;
  readonly #stops: StopStrings;
  readonly #ends: ReadonlySet<number>;

  constructor({ table, stop, endsOfGeneration }: GenerationTask) {
    this.#decoder = new TokenTextDecoder(table);
    this.#stops = new StopStrings(stop);
    this.#ends = new Set(endsOfGeneration);
  }

  push(token: number, last: FinishReason | undefined): GeneratedToken {
    const isEnd = this.#ends.has(token);
    const { text, stopped } = this.#stops.push(isEnd ? '' : this.#decoder.push(token));
    if (stopped) return { token, text, finishReason: 'stop' };
    const finishReason = isEnd ? 'end' : last;
    if (finishReason === undefined) return { token, text };
    const rest = this.#stops.push(this.#decoder.end());
    return { token, text: text + rest.text + this.#stops.end(), finishReason };
  }
}
