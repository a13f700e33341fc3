import { breathe, type MLContext, type MLGraph, MLGraphBuilder, type MLOperand } from '@halyard/core';
import { throwIfAborted } from '../abort.js';
import { type Bert, bertLayers, readBert } from '../architectures/bert.js';
import type { LoadOptions } from '../generation/load-options.js';
import { type OpenedContext, openContext } from '../generation/open-context.js';
import { pull } from '../sources/pull.js';
import { ModelWorker } from '../worker/client.js';
import type { OpenedModel } from '../worker/protocol.js';
import { type Batch, planBatches } from './batches.js';

export interface EmbedOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Turns sentences into vectors of length 1 whose product is their similarity (Reimers and Gurevych, Sentence-BERT,
 * 2019): a BERT-style encoder, the mean over its tokens, and L2 normalization.
 */
export class SentenceEncoder {
  readonly #model: OpenedModel;
  readonly #worker: ModelWorker;
  readonly #opened: OpenedContext;
  readonly #bert: Bert;
  readonly #graphs = new Map<string, Promise<MLGraph>>();
  #closing: Promise<void> | undefined;

  private constructor(model: OpenedModel, worker: ModelWorker, opened: OpenedContext) {
    this.#model = model;
    this.#worker = worker;
    this.#opened = opened;
    this.#bert = readBert(model);
  }

  /**
   * @param name the path of a folder with safetensors, or an alias such as `minilm`
   * @throws HalyardError `not-found`, `bad-file`, `unsupported`, `no-device`, `out-of-memory`, or `aborted`
   */
  static async load(name: string, options: LoadOptions = {}): Promise<SentenceEncoder> {
    const path = await pull(name, options);
    options.onProgress?.({ phase: 'read', file: path });
    const worker = new ModelWorker();
    const context = openContext(options);
    // It may fail while the file is still being read: that is reported where it is awaited.
    context.catch(() => {});
    try {
      const model = await worker.call('open', path);
      await worker.call('prepareTokenizer');
      const encoder = new SentenceEncoder(model, worker, await context);
      throwIfAborted(options.signal, 'Loading');
      return encoder;
    } catch (error) {
      await worker.close();
      await context.then(
        (opened) => opened.close(),
        () => {},
      );
      throw error;
    }
  }

  /** What it runs on, for people. */
  get device(): string {
    return this.#opened.device;
  }

  get context(): MLContext {
    return this.#opened.context;
  }

  /** Elements of a vector. */
  get dimensions(): number {
    return this.#bert.description.hiddenSize;
  }

  /** Tokens of a text that count; what is longer is cut off. */
  get maximumTokens(): number {
    return Math.min(this.#model.maximumTokens ?? Number.POSITIVE_INFINITY, this.#bert.description.positions);
  }

  /**
   * @returns a vector of `dimensions` for each text, in their order
   * @throws HalyardError `aborted`, `destroyed`, or what the device fails with
   */
  async embed(texts: readonly string[], { signal }: EmbedOptions = {}): Promise<Float32Array[]> {
    const tokens = await this.#tokenize(texts);
    const vectors: Float32Array[] = new Array(texts.length);
    for (const batch of planBatches(
      tokens.map(({ length }) => length),
      this.maximumTokens,
    )) {
      throwIfAborted(signal, 'Embedding');
      const rows = await this.#run(batch, tokens);
      batch.texts.forEach((text, row) => {
        vectors[text] = rows.slice(row * this.dimensions, (row + 1) * this.dimensions);
      });
    }
    return vectors;
  }

  /** What the compiler made of the graph for one short sentence. */
  async explain() {
    return (await this.#graph(1, 16)).explain();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const graphs = await Promise.allSettled(this.#graphs.values());
    this.#graphs.clear();
    for (const graph of graphs) if (graph.status === 'fulfilled') graph.value.destroy();
    await this.#worker.close();
    await this.#opened.close();
  }

  async #tokenize(texts: readonly string[]): Promise<Int32Array[]> {
    const tokens = await this.#worker.call('encodeAll', texts, true);
    const most = this.maximumTokens;
    return tokens.map((ids) => {
      if (ids.length <= most) return ids;
      // The token that ends a text stays.
      const cut = ids.slice(0, most);
      cut[most - 1] = ids.at(-1)!;
      return cut;
    });
  }

  async #run(batch: Batch, tokens: readonly Int32Array[]): Promise<Float32Array> {
    const { texts, length } = batch;
    const rows = texts.length;
    const graph = await this.#graph(rows, length);
    const ids = new Int32Array(rows * length);
    const lengths = new Int32Array(rows);
    texts.forEach((text, row) => {
      ids.set(tokens[text]!, row * length);
      lengths[row] = tokens[text]!.length;
    });
    const { context } = this.#opened;
    const tensors = await Promise.all([
      context.createTensor({ dataType: 'int32', shape: [rows, length], writable: true }),
      context.createTensor({ dataType: 'int32', shape: [rows], writable: true }),
      context.createTensor({ dataType: 'float32', shape: [rows, this.dimensions], readable: true }),
    ]);
    const [idTensor, lengthTensor, output] = tensors;
    try {
      context.writeTensor(idTensor, ids);
      context.writeTensor(lengthTensor, lengths);
      context.dispatch(graph, { tokens: idTensor, lengths: lengthTensor }, { embeddings: output });
      return new Float32Array(await context.readTensor(output));
    } finally {
      for (const tensor of tensors) tensor.destroy();
    }
  }

  #graph(rows: number, length: number): Promise<MLGraph> {
    const key = `${rows} × ${length}`;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const graph = buildEncoder(new MLGraphBuilder(this.#opened.context), this.#bert, rows, length);
    this.#graphs.set(key, graph);
    graph.catch(() => this.#graphs.delete(key));
    return graph;
  }
}

/** Inputs: `tokens` int32 [rows, length], `lengths` int32 [rows]; output: `embeddings` float32 [rows, hiddenSize]. */
async function buildEncoder(builder: MLGraphBuilder, bert: Bert, rows: number, length: number): Promise<MLGraph> {
  const tokens = builder.input('tokens', { dataType: 'int32', shape: [rows, length] });
  const lengths = builder.input('lengths', { dataType: 'int32', shape: [rows] });
  const states = await bertLayers(builder, bert, tokens, lengths);
  const embeddings = normalizedMean(builder, states, lengths);
  await breathe();
  return builder.build({ embeddings });
}

function normalizedMean(builder: MLGraphBuilder, states: MLOperand, lengths: MLOperand): MLOperand {
  const [rows, length] = states.shape as [number, number, number];
  const indices = Int32Array.from({ length }, (_, i) => i);
  const positions = builder.constant({ dataType: 'int32', shape: [1, length, 1] }, indices);
  const isReal = builder.lesser(positions, builder.reshape(lengths, [rows, 1, 1]), { label: 'pooling.mask' });
  const kept = builder.where(isReal, states, builder.constant('float32', 0), { label: 'pooling.mask' });
  // The length of the vector is 1 in the end: dividing by the number of tokens would change nothing.
  const sum = builder.reduceSum(kept, { axes: [1], label: 'pooling.sum' });
  const norm = builder.reduceL2(sum, { axes: [1], keepDimensions: true, label: 'pooling.norm' });
  // As in the original, a vector of zeros stays one.
  return builder.div(sum, builder.max(norm, builder.constant('float32', 1e-12)), { label: 'pooling.normalized' });
}
