import { HalyardError, type MLContext } from '@halyard/core';
import { throwIfAborted } from '../abort.js';
import { cacheShape, type DecoderScope } from '../architectures/decoder.js';
import type { DecoderDescription } from '../architectures/decoder-description.js';
import type { ChatMessage } from '../tokenizer/chat-template.js';
import { TokenTextDecoder } from '../tokenizer/text-decoder.js';
import { ChatSession } from './chat-session.js';
import { DecoderGraphs } from './decoder-graphs.js';
import { evaluateLogits } from './evaluate-logits.js';
import { type GeneratedToken, generateTokens } from './generate.js';
import type { GenerateOptions } from './generate-options.js';
import { type LanguageModelOptions, type LoadedDecoder, loadDecoder } from './load-decoder.js';
import { type Prompt, promptTokens } from './prompt.js';
import { PromptRunner } from './prompt-runner.js';
import { resolveSampling, type SamplingOptions } from './sampling.js';
import type { Sequence } from './sequence.js';
import { SequencePool } from './sequence-pool.js';
import { type GenerationStatistics, Stopwatch } from './statistics.js';

/**
 * A language model, ready to answer.
 *
 * ```ts
 * const model = await LanguageModel.load('smollm2');
 * for await (const { text } of model.generate('Why is the sky blue?')) process.stdout.write(text);
 * await model.close();
 * ```
 */
export class LanguageModel {
  readonly #loaded: LoadedDecoder;
  readonly #graphs: DecoderGraphs;
  readonly #prompts: PromptRunner;
  readonly #sequences: SequencePool;
  #stopwatch = new Stopwatch(0, 0);
  #closing: Promise<void> | undefined;

  private constructor(loaded: LoadedDecoder) {
    this.#loaded = loaded;
    this.#graphs = new DecoderGraphs(loaded.context, loaded.scope);
    this.#prompts = new PromptRunner(loaded.context);
    this.#sequences = new SequencePool(loaded.context, loaded.scope);
  }

  /**
   * @param name the path of a GGUF file, `hf:owner/name/file`, or an alias such as `smollm2`
   * @throws HalyardError `not-found`, `bad-file`, `unsupported`, `no-device`, `out-of-memory`, or `aborted`
   */
  static async load(name: string, options: LanguageModelOptions = {}): Promise<LanguageModel> {
    const model = new LanguageModel(await loadDecoder(name, options));
    try {
      options.onProgress?.({ phase: 'compile', file: model.path });
      await Promise.all([model.#loaded.worker.call('prepareTokenizer'), model.#graphs.decode('greedy')]);
      throwIfAborted(options.signal, 'Loading');
      return model;
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  /** Of the model's file. */
  get path(): string {
    return this.#loaded.model.path;
  }

  /** What it runs on, for people. */
  get device(): string {
    return this.#loaded.device;
  }

  get context(): MLContext {
    return this.#loaded.context;
  }

  get description(): DecoderDescription {
    return this.#scope.decoder.description;
  }

  /** Tokens of prompt and answer together. */
  get contextLength(): number {
    return this.#scope.capacity;
  }

  /** Bytes of the weights in the file, and of one sequence's key/value cache. */
  get memory(): { readonly weightBytes: number; readonly cacheBytes: number } {
    const { decoder, cacheType } = this.#scope;
    const elements = cacheShape(this.#scope).reduce((product, extent) => product * extent, 1);
    const elementBytes = cacheType === 'float32' ? 4 : 2;
    return { weightBytes: decoder.weights.bytes, cacheBytes: 2 * decoder.description.layers * elements * elementBytes };
  }

  /** Of the generation that was started last. */
  get statistics(): GenerationStatistics {
    return this.#stopwatch.statistics;
  }

  /** @param options.special whether the tokens that begin (and end) a sequence are put around the text */
  async tokenize(text: string, options: { readonly special?: boolean } = {}): Promise<Int32Array> {
    return this.#loaded.worker.call('encode', text, options.special ?? false);
  }

  /** @param options.special whether control tokens are written out, too */
  detokenize(tokens: Iterable<number>, options: { readonly special?: boolean } = {}): string {
    const decoder = new TokenTextDecoder(this.#loaded.model.tokens, options);
    let text = '';
    for (const token of tokens) text += decoder.push(token);
    return text + decoder.end();
  }

  /** A conversation as the model's own chat template puts it. */
  renderChat(messages: readonly ChatMessage[]): Promise<string> {
    return this.#loaded.worker.call('renderChat', messages, true);
  }

  /**
   * Continues a text, answers a message, or goes on with a conversation, token by token. Leaving the loop early ends it.
   *
   * @throws HalyardError `bad-argument`, `unsupported` (no chat template), `aborted`, `destroyed`, or the device's
   */
  async *generate(prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<GeneratedToken, void, undefined> {
    const parameters = resolveSampling(options);
    const maxTokens = requireCount('maxTokens', options.maxTokens ?? this.contextLength, 1);
    const runsAhead = requireCount('runsAhead', options.runsAhead ?? 1, 0);
    const tokens = await promptTokens(prompt, options.raw ?? false, this.#loaded);
    this.#requireRoom(tokens.length);
    const reuse = options.reuseCache ?? Array.isArray(prompt);
    const { context, model } = this.#loaded;
    const sequence = await this.#acquire();
    try {
      yield* generateTokens({
        context,
        graphs: this.#graphs,
        prompts: this.#prompts,
        sequence,
        capacity: this.contextLength,
        vocabularySize: this.description.vocabularySize,
        table: model.tokens,
        endsOfGeneration: model.special.endsOfGeneration,
        prompt: tokens,
        reused: reuse ? commonPrefix(sequence.cached, tokens) : 0,
        parameters,
        maxTokens,
        stop: typeof options.stop === 'string' ? [options.stop] : (options.stop ?? []),
        runsAhead,
        signal: options.signal,
        onStart: (stopwatch) => {
          this.#stopwatch = stopwatch;
        },
      });
    } finally {
      this.#sequences.release(sequence);
    }
  }

  /** A conversation that remembers what was said. */
  chat(options: { readonly system?: string } = {}): ChatSession {
    return new ChatSession((messages, asked) => this.generate(messages, asked), options.system);
  }

  /**
   * The scores of the whole vocabulary after each of the tokens, from an empty cache: for evaluation.
   *
   * @returns float32 [tokens, vocabulary]
   */
  async logits(tokens: Int32Array): Promise<Float32Array> {
    const prompt = await promptTokens(tokens, true, this.#loaded);
    this.#requireRoom(prompt.length);
    const sequence = await this.#acquire();
    try {
      sequence.cached = [];
      return await evaluateLogits({
        context: this.context,
        graphs: this.#graphs,
        prompts: this.#prompts,
        sequence,
        tokens: prompt,
        capacity: this.contextLength,
        vocabularySize: this.description.vocabularySize,
      });
    } finally {
      this.#sequences.release(sequence);
    }
  }

  /** Compiles what a prompt of so many tokens will need, so that its generation starts at once. */
  async prepare(promptLength: number, options: SamplingOptions = {}): Promise<void> {
    this.#requireRoom(promptLength);
    await this.#graphs.prepare(
      promptLength,
      this.contextLength,
      resolveSampling(options),
      this.description.vocabularySize,
    );
  }

  /** What the compiler made of the graph that generates one token, greedily. */
  async explain() {
    return (await this.#graphs.decode('greedy')).explain();
  }

  /** Gives everything back. Generations under way fail. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#graphs.destroy();
    await this.#prompts.destroy();
    this.#sequences.destroy();
    await this.#loaded.close();
  }

  get #scope(): DecoderScope {
    return this.#loaded.scope;
  }

  async #acquire(): Promise<Sequence> {
    if (this.#closing === undefined) return this.#sequences.acquire();
    throw new HalyardError('destroyed', {
      found: 'The model was closed',
      expected: 'a model that is open',
      remedy: 'Load the model again',
    });
  }

  #requireRoom(tokens: number): void {
    if (tokens >= 1 && tokens <= this.contextLength) return;
    throw new HalyardError('bad-argument', {
      found: `A prompt of ${tokens} tokens`,
      expected: `from 1 to ${this.contextLength}, the context length`,
      remedy: `Shorten it, or load the model with a greater contextLength (it was trained for ${this.description.contextLength})`,
    });
  }
}

/** The tokens that are still in the cache; the last of the prompt is always run, for what follows it. */
function commonPrefix(cached: readonly number[], tokens: readonly number[]): number {
  let length = 0;
  while (length < cached.length && length < tokens.length - 1 && cached[length] === tokens[length]) length++;
  return length;
}

function requireCount(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new HalyardError('bad-argument', {
    found: `${name} is ${value}`,
    expected: `a whole number from ${least}`,
    remedy: 'Change it, or leave it out',
  });
}
