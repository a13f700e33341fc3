import cpuPlugin from '@halyard/backend-cpu';
import type { ProgramCase } from '@halyard/conformance';
import type { Device, Expression, Step } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, type Given, int32, judge, oneStep, openDevice, output } from './steps/judge.js';

let device: Device;
beforeAll(async () => {
  device = await openDevice(2);
});
afterAll(() => device.close());

/** The program with its only step changed. */
function changed(given: ProgramCase, change: (step: Step) => Partial<Step>): ProgramCase {
  const [step] = given.program.steps;
  return { ...given, program: { ...given.program, steps: [{ ...step!, ...change(step!) }] } };
}

const supportOf = ({ program }: ProgramCase) => cpuPlugin.supports(device.adapter, program.steps[0]!, program.tensors);

const wide = (count: number, shape: number[] = [count]): Given => ({
  type: 'int64',
  shape,
  values: new Uint8Array(BigInt64Array.from({ length: count }, (_, i) => BigInt(i) << 33n).buffer),
});
const state = (given: Given): Given => ({ ...given, isState: true });

/** v0 + v1 + … over all inputs, every one of them alive until the end. */
function sumOf(count: number, dataType: 'int64' | 'float32'): Expression {
  const body: Expression['body'] = Array.from({ length: count - 1 }, (_, i) => ({
    op: 'add' as const,
    dataType,
    arguments: [i === 0 ? 0 : count + i - 1, i + 1],
  }));
  return { inputs: [], body, results: [2 * count - 2] };
}

const scatter = (): ProgramCase =>
  oneStep(
    'scatter',
    { form: 'rows', axis: 0, combine: 'replace', outOfRange: 'drop' },
    [int32([1, 0]), float32([1, 2, 3, 4], [2, 2])],
    [state(float32([0, 0, 0, 0, 0, 0], [3, 2]))],
  );
const attention = (lengths: Given): ProgramCase =>
  oneStep(
    'attention',
    { scale: 1, causal: false, blockSize: 0, multiply: 'float32' },
    [...[1, 4, 4].map((keys) => float32(Array(keys * 2).fill(0.5), [1, 1, keys, 2])), lengths],
    [output('float32', [1, 1, 1, 2])],
  );
const negated: Expression = { inputs: [], body: [{ op: 'neg', dataType: 'float32', arguments: [0] }], results: [1] };
const negatedIntegers: Expression = {
  inputs: [],
  body: [{ op: 'neg', dataType: 'int32', arguments: [0] }],
  results: [1],
};

const refused: Record<string, { given: () => ProgramCase; part: 'step' | 'prologue' | 'epilogue' }> = {
  'a scatter with an epilogue': {
    given: () => changed(scatter(), () => ({ epilogue: negated })),
    part: 'epilogue',
  },
  'a scatter into rows named at run time': {
    given: () =>
      changed(scatter(), ({ inputs, outputs }) => ({
        outputs: [{ ...outputs[0]!, rows: { axis: 0, indices: { ...inputs[0]!, shape: [2] } } }],
      })),
    part: 'step',
  },
  'attention with lengths that are computed': {
    given: () =>
      changed(attention(int32([3])), ({ inputs }) => ({
        inputs: inputs.map((operand, i) => (i === 3 ? { ...operand!, prologue: negatedIntegers } : operand)),
      })),
    part: 'prologue',
  },
  'a matmul of seventeen right operands': {
    given: () =>
      oneStep(
        'matmul',
        { multiply: 'float32', accumulate: 'float32' },
        [float32([1, 2], [1, 2]), ...Array.from({ length: 17 }, () => float32([1, 2], [2, 1]))],
        Array.from({ length: 17 }, () => output('float32', [1, 1])),
      ),
    part: 'step',
  },
  'a matmul that sums in int32': {
    given: () =>
      oneStep(
        'matmul',
        { multiply: 'float32', accumulate: 'int32' },
        [float32([1, 2], [1, 2]), float32([1, 2], [2, 1])],
        [output('float32', [1, 1])],
      ),
    part: 'step',
  },
};

describe.each(Object.entries(refused))('%s', (_, { given, part }) => {
  it('is refused by supports and by compile alike', async () => {
    const programCase = given();
    expect(supportOf(programCase)).toMatchObject({ part, reason: expect.stringMatching(/./) });
    await expect(device.compile(programCase.program, [{}])).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('what supports accepts at its limits, compile takes:', () => {
  it.each(['int64', 'float32'] as const)('a map of 64 inputs of %s', async (type) => {
    const inputs = Array.from({ length: 64 }, () => (type === 'int64' ? wide(600) : float32(Array(600).fill(0.5))));
    const given = changed(oneStep('map', {}, inputs, [output(type, [600])]), () => ({ epilogue: sumOf(64, type) }));
    expect(supportOf(given)).toBe(true);
    await judge(device, given);
  });

  it('an expression of 399 values, all of which live to the end', async () => {
    const body: Expression['body'][number][] = Array.from({ length: 199 }, (_, i) => ({
      op: 'add' as const,
      dataType: 'int64' as const,
      arguments: [i, 0],
    }));
    for (let i = 0; i < 199; i++) {
      body.push({ op: 'add', dataType: 'int64', arguments: [i === 0 ? 199 : 199 + i, 198 - i] });
    }
    const epilogue = { inputs: [], body, results: [398] };
    const given = changed(oneStep('map', {}, [wide(600)], [output('int64', [600])]), () => ({ epilogue }));
    expect(supportOf(given)).toBe(true);
    await judge(device, given);
    const longer = changed(given, () => ({ epilogue: { ...epilogue, body: [...body, ...body.slice(0, 2)] } }));
    expect(supportOf(longer)).toMatchObject({ part: 'step' });
  });
});

it('attention gives its sums beside what an epilogue makes of its first output', async () => {
  const given = oneStep(
    'attention',
    { scale: 1, causal: false, blockSize: 0, multiply: 'float32' },
    [1, 4, 4].map((keys) =>
      float32(
        Array.from({ length: keys * 2 }, (_, i) => i / 8),
        [1, 1, keys, 2],
      ),
    ),
    [output('float32', [1, 1, 1, 2]), output('float32', [1, 1, 1, 1])],
  );
  await judge(
    device,
    changed(given, () => ({ epilogue: negated })),
  );
});
