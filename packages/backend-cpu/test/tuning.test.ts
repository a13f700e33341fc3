import cpuPlugin from '@halyard/backend-cpu';
import { type GenerateOptions, generateProgram, type ProgramCase } from '@halyard/conformance';
import { type Configuration, type Device, type Expression, tuningTables } from '@halyard/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, judge, oneStep, openDevice, output } from './steps/judge.js';

let device: Device;
beforeAll(async () => {
  device = await openDevice(3);
});
afterAll(() => device.close());

const numbers = (count: number, by = 1): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * by) / 2);

const products = { multiply: 'float32', accumulate: 'float32' } as const;
const cases: Record<string, { programCase: ProgramCase; configurations: Configuration[] }> = {
  'a matmul in panels': {
    programCase: oneStep(
      'matmul',
      products,
      [float32(numbers(40 * 90), [40, 90]), float32(numbers(90 * 150, 3), [90, 150])],
      [output('float32', [40, 150])],
    ),
    configurations: [
      { depth: 16, rowGroup: 7, columnGroup: 64, panelBytes: 4096, parallelElements: 0 },
      { depth: 1024, rowGroup: 512, columnGroup: 4096, panelBytes: 1_048_576, parallelElements: 1_000_000 },
    ],
  },
  'a matmul of few rows in place': {
    programCase: oneStep(
      'matmul',
      products,
      [float32(numbers(2 * 90), [2, 90]), float32(numbers(90 * 150, 3), [90, 150])],
      [output('float32', [2, 150])],
    ),
    configurations: [
      { inPlaceDepth: 4, inPlaceColumns: 64 },
      { inPlaceDepth: 1000, inPlaceColumns: 8192 },
    ],
  },
  attention: {
    programCase: oneStep(
      'attention',
      { ...products, scale: 0.25, causal: true },
      [
        float32(numbers(2 * 40 * 16), [1, 2, 40, 16]),
        float32(numbers(300 * 16, 3), [1, 1, 300, 16]),
        float32(numbers(300 * 16, 5), [1, 1, 300, 16]),
      ],
      [output('float32', [1, 2, 40, 16])],
    ),
    configurations: [
      { keyBlock: 16, queryRows: 1, splitRows: 0 },
      { keyBlock: 512, queryRows: 4096, splitRows: 4096, parallelElements: 0 },
    ],
  },
  'a map': {
    programCase: oneStepMap(),
    configurations: [{ tileElements: 32 }, { tileElements: 480 }],
  },
  'a reduction of a long line': {
    programCase: oneStep(
      'reduce',
      { combine: 'max', axes: [0], accumulate: 'float32' },
      [float32(numbers(40_000))],
      [output('float32', [1])],
    ),
    configurations: [
      { splitElements: 512, parallelElements: 0 },
      { splitElements: 1_000_000, parallelElements: 0 },
    ],
  },
  'a softmax of a long line': {
    programCase: oneStep(
      'normalize',
      { form: 'softmax', axes: [1], epsilon: 0 },
      [float32(numbers(2 * 3001), [2, 3001])],
      [output('float32', [2, 3001])],
    ),
    configurations: [
      { splitElements: 3001, parallelElements: 0 },
      { splitElements: 1_000_000, groupElements: 512, parallelElements: 0 },
    ],
  },
};

function oneStepMap(): ProgramCase {
  const given = oneStep('map', {}, [float32(numbers(1200), [3, 400])], [output('float32', [3, 400])]);
  const epilogue: Expression = {
    inputs: [],
    body: [{ op: 'sigmoid', dataType: 'float32', arguments: [0] }],
    results: [1],
  };
  return { ...given, program: { ...given.program, steps: [{ ...given.program.steps[0]!, epilogue }] } };
}

describe.each(Object.entries(cases))('%s', (_, { programCase, configurations }) => {
  it.each(configurations)('is the same, and says so, with %o', async (configuration) => {
    await judge(device, programCase, [configuration]);
    const executable = await device.compile(programCase.program, [configuration]);
    expect(executable.explain()[0]!.configuration).toMatchObject(configuration);
    executable.dispose();
  });
});

it('is followed by block-quantized products', async () => {
  const options: GenerateOptions = { kinds: ['matmul'], steps: 1 };
  let seen = 0;
  for (let seed = 0; seed < 400 && seen < 8; seed++) {
    const given = generateProgram(seed, options);
    const [step] = given.program.steps;
    if (cpuPlugin.supports(device.adapter, step!, given.program.tensors) !== true) continue;
    const executable = await device.compile(given.program, [{}]);
    const isQuantized = executable.explain()[0]!.kernel.startsWith('quantized');
    executable.dispose();
    if (!isQuantized) continue;
    seen++;
    for (const configuration of [
      { expandedBytes: 512, activationBytes: 4096, vectorColumns: 64 },
      { expandedBytes: 1_048_576, activationBytes: 1_048_576, vectorColumns: 1024 },
    ]) {
      await judge(device, given, [configuration]);
    }
  }
  expect(seen).toBeGreaterThan(0);
});

describe('a configuration', () => {
  const { program } = oneStepMap();
  it.each<[Configuration, string]>([
    [{ tileElements: 8192 }, 'a multiple of 32 from 32 to 512'],
    [{ tileElements: 0 }, 'a multiple of 32 from 32 to 512'],
    [{ tileElements: 100 }, 'a multiple of 32 from 32 to 512'],
    [{ tileElements: 64.5 }, 'a multiple of 32 from 32 to 512'],
    [{ tileElements: 'large' }, 'a multiple of 32 from 32 to 512'],
    [{ parallelElements: -1 }, 'a whole number from 0'],
    [{ depth: 64 }, 'parallelElements, tileElements'],
  ])('%o is refused', async (configuration, expected) => {
    await expect(device.compile(program, [configuration])).rejects.toMatchObject({
      code: 'bad-argument',
      details: {
        found: expect.stringContaining(Object.keys(configuration)[0]!),
        expected: expect.stringContaining(expected),
      },
    });
  });

  it('of the house’s tables is one that kernels take', async () => {
    for (const [architecture, { entries }] of Object.entries(tuningTables)) {
      if (!/^(x86|arm)-/.test(architecture)) continue;
      for (const { kind, configuration } of entries) {
        const { programCase } = Object.values(cases).find(
          ({ programCase: { program: of } }) => of.steps[0]!.kind === kind,
        )!;
        (await device.compile(programCase.program, [configuration])).dispose();
      }
    }
  });
});
