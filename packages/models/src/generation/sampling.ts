import { HalyardError, type MLGraphBuilder, type MLOperand } from '@halyard/core';

/** How the next token is chosen. */
export interface SamplingOptions {
  /** 0 takes the likeliest token (greedy); above, the logits are divided by it. Default 0. */
  readonly temperature?: number;
  /** Only the k likeliest tokens; 0: all. Default 40 where the temperature is above 0. */
  readonly topK?: number;
  /** Of those, the fewest whose probabilities add up to this. From above 0 to 1; default 0.95. */
  readonly topP?: number;
  /** uint32; the same seed gives the same tokens again. Default: a random one. */
  readonly seed?: number;
}

/** Values that a sampling graph takes as inputs. */
export interface SamplingParameters {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
}

/** What a graph can choose from: the likeliest token, or this many candidates in order of their logits. */
export type Sampler = 'greedy' | { readonly candidates: number };

/** A graph is compiled for one of these counts of candidates, or for the whole vocabulary. */
const candidateCounts = [64, 1024];

/** @throws HalyardError `bad-argument` for a value out of range */
export function resolveSampling(options: SamplingOptions): SamplingParameters {
  const parameters = {
    temperature: options.temperature ?? 0,
    topK: options.topK ?? 40,
    topP: options.topP ?? 0.95,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
  };
  requireRange('temperature', parameters.temperature, 'from 0 to 100', (value) => value >= 0 && value <= 100);
  requireRange('topK', parameters.topK, 'a whole number from 0', (value) => Number.isInteger(value) && value >= 0);
  requireRange('topP', parameters.topP, 'above 0, up to 1', (value) => value > 0 && value <= 1);
  requireRange('seed', parameters.seed, 'a uint32', (value) => value >>> 0 === value);
  return parameters;
}

/** The cheapest sampler that the parameters allow. */
export function samplerFor({ temperature, topK }: SamplingParameters, vocabularySize: number): Sampler {
  if (temperature === 0 || topK === 1) return 'greedy';
  const wanted = topK === 0 ? vocabularySize : Math.min(topK, vocabularySize);
  const candidates = candidateCounts.find((count) => count >= wanted) ?? vocabularySize;
  return { candidates: Math.min(candidates, vocabularySize) };
}

/** Names and types of the inputs that a sampling graph takes, scalars all. */
export const samplingInputs = {
  temperature: 'float32',
  topK: 'int32',
  topP: 'float32',
  seed: 'uint32',
} as const;

/**
 * Chooses the next token on the device: temperature, then top-k, then top-p, then one draw by the inverse of the
 * cumulated probabilities.
 *
 * @param logits float32 [1, vocabulary]
 * @param counter uint32 scalar: never the same twice under one seed
 * @returns int32 [1]
 */
export function chooseToken(
  builder: MLGraphBuilder,
  logits: MLOperand,
  sampler: Sampler,
  counter: () => MLOperand,
): MLOperand {
  if (sampler === 'greedy') return builder.argMax(logits, 1, { label: 'choose.greedy' });
  const { candidates } = sampler;
  const scalar = (name: keyof typeof samplingInputs) =>
    builder.input(name, { dataType: samplingInputs[name], shape: [] });
  const constant = (dataType: 'float32' | 'int32', value: number) => builder.constant(dataType, value);
  const [values, ids] = builder.topK(logits, candidates, { axis: 1, label: 'choose.candidates' });
  const ranks = builder.constant(
    { dataType: 'int32', shape: [1, candidates] },
    Int32Array.from({ length: candidates }, (_, i) => i),
  );
  const scaled = builder.div(values, scalar('temperature'), { label: 'choose.temperature' });
  const inTopK = builder.lesser(ranks, scalar('topK'), { label: 'choose.top-k' });
  const probabilities = builder.softmax(
    builder.where(inTopK, scaled, constant('float32', Number.NEGATIVE_INFINITY)),
    1,
    { label: 'choose.softmax' },
  );
  const before = builder.cumulativeSum(probabilities, 1, { exclusive: true, label: 'choose.before' });
  // The candidate that crosses the threshold still counts.
  const kept = builder.logicalAnd(inTopK, builder.lesser(before, scalar('topP')), { label: 'choose.top-p' });
  const mass = builder.where(kept, probabilities, constant('float32', 0));
  const cumulated = builder.cumulativeSum(mass, 1, { label: 'choose.cumulated' });
  const draw = builder.mul(
    builder.randomUniform(scalar('seed'), counter(), { label: 'choose.random' }),
    builder.reduceSum(mass, { axes: [0, 1], label: 'choose.total' }),
  );
  const count = (condition: MLOperand) => builder.reduceSum(builder.cast(condition, 'int32'), { axes: [1] });
  // Rounding must not carry the draw beyond the last candidate that is kept.
  const rank = builder.min(
    count(builder.lesserOrEqual(cumulated, draw)),
    builder.sub(count(kept), constant('int32', 1)),
    { label: 'choose.rank' },
  );
  return builder.gather(builder.reshape(ids, [candidates]), rank, { label: 'choose.token' });
}

function requireRange(name: string, value: number, expected: string, holds: (value: number) => boolean): void {
  if (typeof value === 'number' && holds(value)) return;
  throw new HalyardError('bad-argument', {
    found: `${name} is ${value}`,
    expected: `${name} ${expected}`,
    remedy: 'Change it, or leave it out',
  });
}
