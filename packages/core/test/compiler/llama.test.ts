import { compile, type Plan, validateProgram } from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { anyDevice } from './devices.js';
import { type LlamaShape, llamaStep, smallLlama } from './llama.js';

async function planOf(changes: Partial<LlamaShape>, fusion: 'on' | 'off' = 'on'): Promise<Plan> {
  return compile(await llamaStep({ ...smallLlama, ...changes }), { devices: [anyDevice()], fusion });
}

/** Kind of each step, and the scalar operators of its epilogue. */
function stepsOf({ programs }: Plan): string[] {
  return programs[0]!.program.steps.map(({ kind, epilogue, inputs, outputs }) => {
    const operators = (epilogue?.body ?? []).map(({ op }) => op).join(' ');
    const operands = kind === 'matmul' ? `${inputs.length - 1} b` : '';
    const rows = outputs.some((target) => target.rows) ? 'into rows' : '';
    const prologue = inputs.some((operand) => operand?.prologue) ? 'prologue' : '';
    return [kind, operands, prologue, operators, rows].filter((part) => part !== '').join(' ');
  });
}

const rotary = 'map mul mul sub mul mul add';
const layer = [
  'normalize mul',
  'matmul 1 b',
  `${rotary} into rows`,
  'map into rows',
  rotary,
  'attention',
  'matmul 1 b add',
  'normalize mul',
  'matmul 2 b silu mul',
  'matmul 1 b add',
];
const embedding = ['gather', 'gather', 'gather'];
const head = ['normalize mul', 'matmul 1 b', 'reduce'];

describe('a Llama step', () => {
  it.each([
    ['for one token', {}],
    ['for several tokens', { tokens: 8 }],
    ['with block-quantized weights', { weights: 'q4_1' as const }],
  ])('takes ten steps for each layer %s', async (_, changes) => {
    expect(stepsOf(await planOf(changes))).toEqual([...embedding, ...layer, ...layer, ...head]);
  });

  it('takes no more with a cache of float16, whose casts go along with what is written', async () => {
    const [cast, keys] = [layer.with(3, 'map cast into rows'), `${rotary} into rows`];
    const expected = cast.map((step) => (step === keys ? 'map mul mul sub mul mul add cast cast into rows' : step));
    expect(stepsOf(await planOf({ cache: 'float16', tokens: 4 }))).toEqual([
      ...embedding,
      ...expected,
      ...expected,
      ...head,
    ]);
  });

  it('takes no more with biases on the projections, which become one epilogue', async () => {
    const biased = layer.with(1, 'matmul 1 b add');
    expect(stepsOf(await planOf({ hasBias: true }))).toEqual([...embedding, ...biased, ...biased, ...head]);
  });

  it('joins the projection weights into one constant whose parts are the originals in order', async () => {
    const { constants, program } = (await planOf({ layers: 1 })).programs[0]!;
    const joined = Object.values(constants).find(({ parts }) => parts.length === 3)!;
    expect(joined.parts.map((part) => ('path' in part ? part.path : ''))).toEqual([
      'query.0.bin',
      'key.0.bin',
      'value.0.bin',
    ]);
    expect(program.bindings).toContainEqual({
      role: 'constant',
      fingerprint: joined.fingerprint,
      bytes: joined.parts.reduce((sum, part) => sum + ('bytes' in part ? part.bytes : 0), 0),
    });
  });

  it('gives a valid program with and without fusion', async () => {
    for (const fusion of ['on', 'off'] as const) {
      const { programs } = await planOf({ tokens: 3 }, fusion);
      expect(() => validateProgram(programs[0]!.program)).not.toThrow();
    }
  });

  it('moves fewer bytes than without fusion, and plans memory at its lower bound', async () => {
    const { explanation } = await planOf({ tokens: 8, layers: 4 });
    expect(explanation.stepsAfterFusion).toBeLessThan(0.6 * explanation.stepsBeforeFusion);
    expect(explanation.bytesMovedAfterFusion).toBeLessThan(explanation.bytesMovedBeforeFusion);
    const { naiveBytes, plannedBytes, lowerBoundBytes } = explanation.memory;
    expect(plannedBytes).toBeLessThanOrEqual(1.1 * lowerBoundBytes);
    expect(plannedBytes).toBeLessThan(naiveBytes / 4);
  });

  it('compiles thirty layers in well under the time a user would notice', async () => {
    const start = performance.now();
    const plan = await planOf({ layers: 30 });
    expect(plan.programs[0]!.program.steps).toHaveLength(306);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
