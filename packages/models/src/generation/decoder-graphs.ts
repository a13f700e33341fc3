import { type MLContext, type MLGraph, MLGraphBuilder } from '@halyard/core';
import type { DecoderScope } from '../architectures/decoder.js';
import { planChunks } from './buckets.js';
import { buildDecode, buildLogits, buildPrefill } from './build-graphs.js';
import { type Sampler, type SamplingParameters, samplerFor } from './sampling.js';

/** The graphs of one decoder, each compiled when it is first needed. They share weights. */
export class DecoderGraphs {
  readonly #context: MLContext;
  readonly #scope: DecoderScope;
  readonly #graphs = new Map<string, Promise<MLGraph>>();

  constructor(context: MLContext, scope: DecoderScope) {
    this.#context = context;
    this.#scope = scope;
  }

  /** Of one token it is the graph that generates: its states say which token, and where. */
  prefill(bucket: number, sampler: Sampler): Promise<MLGraph> {
    if (bucket === 1) return this.decode(sampler);
    return this.#get(`prefill ${bucket} ${nameOf(sampler)}`, (builder) =>
      buildPrefill(builder, this.#scope, bucket, sampler),
    );
  }

  decode(sampler: Sampler): Promise<MLGraph> {
    return this.#get(`decode ${nameOf(sampler)}`, (builder) => buildDecode(builder, this.#scope, sampler));
  }

  logits(bucket: number): Promise<MLGraph> {
    return this.#get(`logits ${bucket}`, (builder) => buildLogits(builder, this.#scope, bucket));
  }

  /** Compiles what a generation will need. */
  async prepare(promptLength: number, capacity: number, parameters: SamplingParameters, vocabularySize: number) {
    const sampler = samplerFor(parameters, vocabularySize);
    const chunks = planChunks(promptLength, capacity);
    await Promise.all([this.decode(sampler), ...chunks.map(({ bucket }) => this.prefill(bucket, sampler))]);
  }

  async destroy(): Promise<void> {
    const graphs = await Promise.allSettled(this.#graphs.values());
    this.#graphs.clear();
    for (const graph of graphs) if (graph.status === 'fulfilled') graph.value.destroy();
  }

  #get(key: string, build: (builder: MLGraphBuilder) => Promise<MLGraph>): Promise<MLGraph> {
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const graph = build(new MLGraphBuilder(this.#context));
    this.#graphs.set(key, graph);
    // A failed build may be tried again, with more memory for example.
    graph.catch(() => this.#graphs.delete(key));
    return graph;
  }
}

function nameOf(sampler: Sampler): string {
  return sampler === 'greedy' ? sampler : `of ${sampler.candidates}`;
}
