import {
  type CompileDevice,
  compileModule,
  type Module,
  reference,
  type Step,
  type View,
  validateProgram,
} from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contiguous } from '../../src/compiler/views.js';
import { anyDevice, deviceWithout } from './devices.js';
import { dice, randomContents, randomModules } from './random-module.js';
import { results, runPlan } from './run-plan.js';

const copyOnly = { inputs: [], body: [], results: [0] };

/** A device that takes about half of all steps, always the same ones, but every copy. */
function moodyDevice(name: string, salt: number): CompileDevice {
  return anyDevice(
    {},
    (step) => {
      const isCopy = step.kind === 'map' && step.epilogue!.body.length === 0;
      const text = JSON.stringify([step.kind, step.inputs.map((operand) => operand?.shape), step.epilogue?.body, salt]);
      let hash = salt;
      for (const letter of text) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
      const parts = ['step', 'prologue', 'epilogue'] as const;
      return isCopy || hash % 2 === 0
        ? true
        : { part: parts[Math.abs(hash >> 4) % 3]!, reason: `${name} is not in the mood` };
    },
    name,
  );
}

/** A module of one step over inputs of these shapes. */
function moduleOf(
  inputs: readonly (readonly number[] | null)[],
  output: readonly number[],
  step: Pick<Step, 'kind' | 'attributes'> & Partial<Step>,
  types: readonly ('float32' | 'int32')[] = [],
): Module {
  const given = inputs.map((shape, at) => ({
    type: types[at] ?? ('float32' as const),
    shape: shape ?? [],
    origin: { kind: 'input' as const, name: `${at}` },
  }));
  const tensors = [
    ...given,
    { type: 'float32' as const, shape: output, origin: { kind: 'output' as const, name: 'y' } },
  ];
  const views = inputs.map((shape, at): View | null => (shape ? contiguous(at, shape) : null));
  const whole = contiguous(inputs.length, output);
  return { tensors, steps: [{ inputs: views, outputs: [whole], after: [], origin: [step.kind], ...step }] };
}

/** Runs a module on random floats with all devices given, and on one that takes everything; the greatest difference. */
function difference(
  module: Module,
  devices: readonly CompileDevice[],
  integers: Readonly<Record<string, readonly number[]>> = {},
): number {
  const { below } = dice(11);
  const inputs = new Map(
    module.tensors.flatMap(({ origin, shape }) => {
      if (origin.kind !== 'input') return [];
      const count = shape.reduce((product, extent) => product * extent, 1);
      const known = integers[origin.name];
      const values = known
        ? Int32Array.from(known)
        : Float32Array.from({ length: count }, () => below(4000) / 1000 - 2);
      return [[origin.name, new Uint8Array(values.buffer)] as const];
    }),
  );
  const run = (chosen: readonly CompileDevice[]) => {
    const plan = compileModule(module, { devices: chosen, fusion: 'off' });
    for (const { program } of plan.programs) validateProgram(program);
    const bytes = runPlan(plan, { inputs }).outputs.get('y')!;
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  };
  const [expected, found] = [run([anyDevice()]), run(devices)];
  return expected.reduce(
    (most, value, at) => Math.max(most, value === found[at] ? 0 : Math.abs(value - found[at]!)),
    0,
  );
}

describe('place', () => {
  it('gives the same results however two devices share the steps', () => {
    fc.assert(
      fc.property(randomModules, fc.nat(), fc.constantFrom('on', 'off'), (module, seed, fusion) => {
        const contents = randomContents(module, dice(seed));
        const single = compileModule(module, { devices: [anyDevice()], fusion: 'off' });
        const devices = [moodyDevice('first', seed % 97), moodyDevice('second', 13), anyDevice({}, () => true, 'last')];
        const shared = compileModule(module, { devices, fusion, evaluate: reference.evaluate });
        for (const { program } of shared.programs) validateProgram(program);
        expect(results(runPlan(shared, contents), module)).toEqual(results(runPlan(single, contents), module));
      }),
      { numRuns: 150 },
    );
  });

  it('names every transfer once for each pair of programs', () => {
    fc.assert(
      fc.property(randomModules, fc.nat(100), (module, salt) => {
        const devices = [moodyDevice('first', salt), anyDevice({}, () => true, 'last')];
        const { commands } = compileModule(module, { devices, fusion: 'on' });
        const transfers = commands.flatMap((command) =>
          command.kind === 'transfer' ? [`${command.name} ${command.to}`] : [],
        );
        expect(new Set(transfers).size).toBe(transfers.length);
      }),
      { numRuns: 80 },
    );
  });

  it('keeps everything on the first device that can do it all', () => {
    const module = moduleOf([[2, 3]], [2, 3], { kind: 'map', attributes: {}, epilogue: copyOnly });
    const plan = compileModule(module, { devices: [anyDevice(), anyDevice({}, () => true, 'other')], fusion: 'on' });
    expect(plan.programs.map(({ device }) => device)).toEqual([0]);
    expect(plan.explanation.decisions).toEqual([]);
  });

  it('brings what one device makes to the other that needs it, and says why', () => {
    const module = moduleOf([[2, 3]], [2, 3], {
      kind: 'scan',
      attributes: { combine: 'sum', axis: 0, exclusive: false, reversed: false },
    });
    const plan = compileModule(module, {
      devices: [deviceWithout(['scan']), anyDevice({}, () => true, 'other')],
      fusion: 'on',
    });
    expect(plan.programs.map(({ device }) => device)).toEqual([1]);
    expect(plan.explanation.decisions).toEqual([
      { step: 'scan (scan)', decision: 'placed on other', reason: 'limited: it has no scan' },
    ]);
  });

  it('fails with the step, the devices and their reasons where no device takes a step', () => {
    const module = moduleOf([[2]], [2], {
      kind: 'scan',
      attributes: { combine: 'sum', axis: 0, exclusive: false, reversed: false },
    });
    const devices = [deviceWithout(['scan'], 'a'), deviceWithout(['scan'], 'b')];
    expect(() => compileModule(module, { devices, fusion: 'on' })).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        details: expect.objectContaining({
          found: 'step scan (scan), which no device takes (a: it has no scan; b: it has no scan)',
        }),
      }),
    );
  });
});

describe('the ladder', () => {
  const attention = (causal: boolean) => ({
    kind: 'attention',
    attributes: { scale: 0.5, causal, blockSize: 0, multiply: 'float32' },
  });
  const bare = [deviceWithout(['attention', 'normalize'])];

  it.each([
    [
      'plainly',
      false,
      [
        [2, 4, 3, 8],
        [2, 4, 5, 8],
        [2, 4, 5, 6],
      ],
      {},
    ],
    [
      'causally',
      true,
      [
        [1, 4, 3, 8],
        [1, 4, 5, 8],
        [1, 4, 5, 8],
      ],
      {},
    ],
    [
      'with grouped queries',
      false,
      [
        [2, 6, 3, 4],
        [2, 2, 5, 4],
        [2, 2, 5, 4],
      ],
      {},
    ],
    ['with a mask', false, [[2, 4, 3, 4], [2, 2, 5, 4], [2, 2, 5, 4], null, null, null, [2, 4, 3, 5]], {}],
    ['with lengths, causally', true, [[2, 4, 2, 4], [2, 2, 5, 4], [2, 2, 5, 4], [2]], { 3: [3, 5] }],
    ['with starts', false, [[2, 4, 2, 4], [2, 2, 5, 4], [2, 2, 5, 4], [2], [2]], { 3: [4, 9], 4: [1, 3] }],
    ['with queries that see no key', true, [[2, 2, 4, 4], [2, 2, 5, 4], [2, 2, 5, 4], [2]], { 3: [2, 0] }],
  ] as const)('decomposes attention %s', (_, causal, shapes, integers) => {
    const [query, , value] = shapes as unknown as number[][];
    const types = shapes.map((_, at) => (at in integers ? ('int32' as const) : ('float32' as const)));
    const module = moduleOf(shapes, [...query!.slice(0, 3), value![3]!], attention(causal), types);
    expect(difference(module, bare, integers)).toBeLessThan(1e-5);
  });

  it('decomposes attention whose mask hides every key of a query', () => {
    const shapes = [[1, 1, 2, 4], [1, 1, 3, 4], [1, 1, 3, 4], null, null, null, [1, 1, 2, 3]];
    const module = moduleOf(shapes, [1, 1, 2, 4], attention(false));
    const hidden = new Uint8Array(Float32Array.of(...Array(3).fill(Number.NEGATIVE_INFINITY), 0, 1, 2).buffer);
    const inputs = new Map(
      [0, 1, 2].map((at) => [`${at}`, new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i / 8).buffer)]),
    );
    const plan = compileModule(module, { devices: bare, fusion: 'on' });
    const bytes = runPlan(plan, {
      inputs: inputs.set('6', hidden).set('0', inputs.get('0')!.slice(0, 32)),
    }).outputs.get('y')!;
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('decomposes attention over pages', () => {
    const shapes = [[2, 4, 2, 4], [6, 2, 3, 4], [6, 2, 3, 4], [2], null, [2, 2]];
    const module = moduleOf(
      shapes,
      [2, 4, 2, 4],
      { kind: 'attention', attributes: { scale: 1, causal: true, blockSize: 3, multiply: 'float32' } },
      ['float32', 'float32', 'float32', 'int32', 'float32', 'int32'],
    );
    expect(difference(module, bare, { 3: [5, 4], 5: [4, 1, 0, 5] })).toBeLessThan(1e-5);
  });

  it.each(['softmax', 'logSoftmax', 'layer', 'rms'])('decomposes the normalization %s', (form) => {
    const module = moduleOf([[3, 4, 5]], [3, 4, 5], {
      kind: 'normalize',
      attributes: { form, axes: [0, 2], epsilon: 1e-3 },
    });
    expect(difference(module, bare)).toBeLessThan(1e-5);
  });

  it('decomposes log Σ exp', () => {
    const attributes = { combine: 'logSumExp', axes: [1], accumulate: 'float32' };
    const module = moduleOf([[3, 4]], [3, 1], { kind: 'reduce', attributes });
    const device = anyDevice({}, (step) =>
      step.attributes.combine === 'logSumExp' ? { part: 'step', reason: 'no logSumExp' } : true,
    );
    expect(difference(module, [device])).toBeLessThan(1e-5);
  });

  it.each([
    ['elements', [3, 4], [3, 2], [3, 2], { 1: [0, -1, 3, 2, 7, -9] }],
    ['nd', [3, 4, 2], [3, 2], [3, 2], { 1: [0, 0, 2, 3, -1, 1] }],
    ['nd', [3, 4, 2], [2, 1], [2, 4, 2], { 1: [2, -3] }],
  ] as const)('gathers %s as rows', (form, from, indices, output, integers) => {
    const module = moduleOf([from, indices], output, { kind: 'gather', attributes: { form, axis: 1 } }, [
      'float32',
      'int32',
    ]);
    const device = anyDevice({}, (step) =>
      step.kind === 'gather' && step.attributes.form !== 'rows' ? { part: 'step', reason: 'rows only' } : true,
    );
    expect(difference(module, [device], integers)).toBe(0);
  });

  it('takes off the part that a device refuses, and no more', () => {
    const module = moduleOf(
      [
        [2, 3],
        [3, 4],
      ],
      [2, 4],
      {
        kind: 'matmul',
        attributes: { multiply: 'float32', accumulate: 'float32' },
        epilogue: { inputs: [], body: [{ op: 'gelu', arguments: [0], dataType: 'float32' }], results: [1] },
      },
    );
    const device = anyDevice({}, ({ kind, epilogue }) =>
      kind === 'matmul' && epilogue ? { part: 'epilogue', reason: 'plain matmul only' } : true,
    );
    const { programs, explanation } = compileModule(module, { devices: [device], fusion: 'on' });
    expect(programs[0]!.program.steps.map(({ kind }) => kind)).toEqual(['matmul', 'map']);
    expect(explanation.decisions).toEqual([
      { step: 'matmul (matmul)', decision: 'epilogue split off as a map', reason: 'plain matmul only' },
    ]);
    expect(difference(module, [device])).toBeLessThan(1e-6);
  });
});
