import { breathe, type MLContext, type MLTensor } from '@halyard/core';
import { cacheNames, cacheShape, type DecoderScope } from '../architectures/decoder.js';
import { sequenceStates } from './build-graphs.js';
import { type SamplingParameters, samplingInputs } from './sampling.js';

type SamplingTensors = Readonly<Record<keyof SamplingParameters, MLTensor>>;

/** What one text in the making keeps on the device: its key/value cache, its place, and how its tokens are chosen. */
export class Sequence {
  /** The tokens whose keys and values the cache holds, from position 0 on. */
  cached: readonly number[] = [];
  /** Keys and values, by the names of their states. */
  readonly caches: Readonly<Record<string, MLTensor>>;
  /** The caches with the token to run next, and where it stands. */
  readonly states: Readonly<Record<string, MLTensor>>;
  /** int32 [1]: after a run, the token that it chose. */
  readonly token: MLTensor;
  readonly #sampling: SamplingTensors;
  readonly #context: MLContext;

  private constructor(
    context: MLContext,
    caches: Record<string, MLTensor>,
    place: Record<string, MLTensor>,
    sampling: Record<string, MLTensor>,
  ) {
    this.#context = context;
    this.caches = caches;
    this.states = { ...caches, ...place };
    this.token = place[sequenceStates.token]!;
    this.#sampling = sampling as SamplingTensors;
  }

  /** @throws HalyardError `out-of-memory` */
  static async create(context: MLContext, scope: DecoderScope): Promise<Sequence> {
    const made: MLTensor[] = [];
    const make = async (dataType: 'int32' | 'uint32' | 'float32' | 'float16', shape: readonly number[]) => {
      const tensor = await context.createTensor({ dataType, shape, writable: true, readable: true });
      made.push(tensor);
      return tensor;
    };
    try {
      const caches: Record<string, MLTensor> = {};
      for (let layer = 0; layer < scope.decoder.description.layers; layer++) {
        await breathe();
        const { key, value } = cacheNames(layer);
        caches[key] = await make(scope.cacheType, cacheShape(scope));
        caches[value] = await make(scope.cacheType, cacheShape(scope));
      }
      const place: Record<string, MLTensor> = {};
      for (const name of Object.values(sequenceStates)) place[name] = await make('int32', [1]);
      const sampling: Record<string, MLTensor> = {};
      for (const [name, dataType] of Object.entries(samplingInputs)) sampling[name] = await make(dataType, []);
      return new Sequence(context, caches, place, sampling);
    } catch (error) {
      for (const tensor of made) tensor.destroy();
      throw error;
    }
  }

  /** Says which token is run next, and where it stands. */
  place(token: number, position: number): void {
    this.#context.writeTensor(this.token, Int32Array.of(token));
    this.#context.writeTensor(this.states[sequenceStates.position]!, Int32Array.of(position));
  }

  /** Hands the parameters to the device, once for a whole generation. */
  writeSampling(parameters: SamplingParameters): void {
    this.#context.writeTensor(this.#sampling.temperature, Float32Array.of(parameters.temperature));
    this.#context.writeTensor(this.#sampling.topK, Int32Array.of(parameters.topK));
    this.#context.writeTensor(this.#sampling.topP, Float32Array.of(parameters.topP));
    this.#context.writeTensor(this.#sampling.seed, Uint32Array.of(parameters.seed));
  }

  /** The inputs of a graph that samples. */
  get sampling(): Readonly<Record<string, MLTensor>> {
    return this.#sampling;
  }

  destroy(): void {
    for (const tensor of Object.values(this.states)) tensor.destroy();
    for (const tensor of Object.values(this.#sampling)) tensor.destroy();
  }
}
