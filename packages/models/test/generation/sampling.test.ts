import { createContext, type MLContext, MLGraphBuilder } from '@halyard/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseToken, resolveSampling, type SamplingParameters, samplerFor } from '../../src/generation/sampling.js';

const vocabulary = 24;
let context: MLContext;

beforeAll(async () => {
  context = await createContext({ device: 'reference' });
});
afterAll(() => context.destroy());

/** A graph that chooses, and also tells the random number that it draws. */
async function chooser(candidates: number) {
  const builder = new MLGraphBuilder(context);
  const logits = builder.input('logits', { dataType: 'float32', shape: [1, vocabulary] });
  const position = builder.input('position', { dataType: 'uint32', shape: [] });
  const token = chooseToken(builder, logits, { candidates }, () => position);
  const other = new MLGraphBuilder(context);
  const scalar = (name: string) => other.input(name, { dataType: 'uint32', shape: [] });
  const draw = await other.build({ draw: other.randomUniform(scalar('seed'), scalar('position')) });
  const graph = await builder.build({ token });
  const make = (dataType: 'float32' | 'int32' | 'uint32', shape: number[]) =>
    context.createTensor({ dataType, shape, readable: true, writable: true });
  const tensors = {
    logits: await make('float32', [1, vocabulary]),
    temperature: await make('float32', []),
    topK: await make('int32', []),
    topP: await make('float32', []),
    seed: await make('uint32', []),
    position: await make('uint32', []),
  };
  const outputs = { token: await make('int32', [1]), draw: await make('float32', []) };
  return async (values: readonly number[], { temperature, topK, topP, seed }: SamplingParameters, at: number) => {
    context.writeTensor(tensors.logits, Float32Array.from(values));
    context.writeTensor(tensors.temperature, Float32Array.of(temperature));
    context.writeTensor(tensors.topK, Int32Array.of(topK));
    context.writeTensor(tensors.topP, Float32Array.of(topP));
    context.writeTensor(tensors.seed, Uint32Array.of(seed));
    context.writeTensor(tensors.position, Uint32Array.of(at));
    context.dispatch(graph, tensors, { token: outputs.token });
    context.dispatch(draw, { seed: tensors.seed, position: tensors.position }, { draw: outputs.draw });
    return {
      token: new Int32Array(await context.readTensor(outputs.token))[0]!,
      draw: new Float32Array(await context.readTensor(outputs.draw))[0]!,
    };
  };
}

/** The same in plain words; also how far draw and top-p are from the borders where the choice would be another. */
function choose(logits: readonly number[], { temperature, topK, topP }: SamplingParameters, draw: number) {
  const order = logits
    .map((logit, id) => ({ logit: Math.fround(logit), id }))
    .sort((a, b) => b.logit - a.logit || a.id - b.id);
  const likeliest = order.slice(0, topK);
  const weights = likeliest.map(({ logit }) => Math.exp((logit - order[0]!.logit) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const kept: number[] = [];
  let margin = 1;
  for (let before = 0, i = 0; i < weights.length; before += weights[i++]! / total) {
    margin = Math.min(margin, Math.abs(before - topP));
    if (before < topP) kept.push(weights[i]!);
  }
  const mass = kept.reduce((sum, weight) => sum + weight, 0);
  let cumulated = 0;
  for (const [i, weight] of kept.entries()) {
    const from = cumulated / mass;
    cumulated += weight;
    if (draw < cumulated / mass)
      return { token: order[i]!.id, margin: Math.min(margin, draw - from, cumulated / mass - draw) };
  }
  return { token: order[kept.length - 1]!.id, margin: 0 };
}

describe('choosing a token', () => {
  const parameters = fc.record({
    temperature: fc.double({ min: 0.1, max: 3, noNaN: true }),
    topK: fc.integer({ min: 2, max: vocabulary }),
    topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
    seed: fc.nat(2 ** 31),
  });
  const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), {
    minLength: vocabulary,
    maxLength: vocabulary,
  });

  test('temperature, then top-k, then top-p, then one draw', async () => {
    const run = await chooser(vocabulary);
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(logits, parameters, fc.nat(4096), async (values, settings, position) => {
        const { token, draw } = await run(values, settings, position);
        const expected = choose(values, settings, draw);
        // At a border, float32 may fall to either side.
        if (expected.margin < 1e-4) return;
        compared++;
        expect(token).toBe(expected.token);
      }),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  test('with two candidates at 3 : 1, three in four draws take the first', async () => {
    const run = await chooser(vocabulary);
    const values = Array.from({ length: vocabulary }, (_, i) => (i === 5 ? Math.log(3) : i === 9 ? 0 : -100));
    const settings = { temperature: 1, topK: vocabulary, topP: 1, seed: 7 };
    let first = 0;
    for (let position = 0; position < 1000; position++)
      first += (await run(values, settings, position)).token === 5 ? 1 : 0;
    // Four standard deviations of the binomial distribution: 4·√(1000·¾·¼) = 55.
    expect(Math.abs(first - 750)).toBeLessThan(55);
  });

  test.each([
    [{ temperature: 0 }, 'greedy'],
    [{ temperature: 1, topK: 1 }, 'greedy'],
    [{ temperature: 1 }, { candidates: 64 }],
    [{ temperature: 1, topK: 65 }, { candidates: 1024 }],
    [{ temperature: 1, topK: 0 }, { candidates: 5000 }],
    [{ temperature: 1, topK: 2000 }, { candidates: 5000 }],
  ])('%o takes the cheapest graph that does it', (options, sampler) => {
    expect(samplerFor(resolveSampling(options), 5000)).toEqual(sampler);
  });

  test.each([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 1.5 },
    { topP: 0 },
    { topP: 1.1 },
    { seed: -1 },
  ])('%o is a bad argument', (options) => {
    expect(() => resolveSampling(options)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});
