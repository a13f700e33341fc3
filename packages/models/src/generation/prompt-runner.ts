import type { MLContext, MLGraph, MLTensor } from '@halyard/core';
import type { Chunk } from './buckets.js';

interface PromptTensors {
  readonly tokens: MLTensor;
  readonly start: MLTensor;
  readonly count: MLTensor;
}

/** Submits chunks of prompts. The inputs' tensors are shared by all sequences: writing and running follow each other. */
export class PromptRunner {
  readonly #context: MLContext;
  readonly #tensors = new Map<number, Promise<PromptTensors>>();

  constructor(context: MLContext) {
    this.#context = context;
  }

  /** Makes the tensors that {@link run} needs. */
  async prepare(chunks: readonly Chunk[]): Promise<(run: PromptRun) => void> {
    const buckets = [...new Set(chunks.map(({ bucket }) => bucket))];
    const entries = await Promise.all(buckets.map(async (bucket) => [bucket, await this.#tensorsFor(bucket)] as const));
    const tensors = new Map(entries);
    return (run) => this.#submit(run, tensors.get(run.chunk.bucket)!);
  }

  #submit(
    { graph, chunk, tokens, position, states, inputs = {}, outputs = {} }: PromptRun,
    tensors: PromptTensors,
  ): void {
    const padded = new Int32Array(chunk.bucket);
    padded.set(tokens.slice(chunk.start, chunk.start + chunk.count));
    this.#context.writeTensor(tensors.tokens, padded);
    this.#context.writeTensor(tensors.start, Int32Array.of(position + chunk.start));
    this.#context.writeTensor(tensors.count, Int32Array.of(chunk.count));
    this.#context.dispatch(graph, { ...tensors, ...inputs }, outputs, { states });
  }

  async destroy(): Promise<void> {
    const all = await Promise.allSettled(this.#tensors.values());
    this.#tensors.clear();
    for (const made of all) {
      if (made.status === 'fulfilled') for (const tensor of Object.values(made.value)) (tensor as MLTensor).destroy();
    }
  }

  #tensorsFor(bucket: number): Promise<PromptTensors> {
    const known = this.#tensors.get(bucket);
    if (known !== undefined) return known;
    const made = this.#create(bucket);
    this.#tensors.set(bucket, made);
    made.catch(() => this.#tensors.delete(bucket));
    return made;
  }

  async #create(bucket: number): Promise<PromptTensors> {
    const make = (count: number) => this.#context.createTensor({ dataType: 'int32', shape: [count], writable: true });
    return { tokens: await make(bucket), start: await make(1), count: await make(1) };
  }
}

export interface PromptRun {
  readonly graph: MLGraph;
  readonly chunk: Chunk;
  /** All of the prompt's that are run; the chunk counts in them. */
  readonly tokens: readonly number[];
  /** Where in the sequence the first of them stands. */
  readonly position: number;
  readonly states: Readonly<Record<string, MLTensor>>;
  readonly inputs?: Readonly<Record<string, MLTensor>>;
  readonly outputs?: Readonly<Record<string, MLTensor>>;
}
