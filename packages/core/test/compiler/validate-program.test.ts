import { compileModule, type Program, type Step, validateProgram } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contiguous } from '../../src/compiler/views.js';
import { anyDevice } from './devices.js';
import { randomModules } from './random-module.js';

const shape = [4, 4];
const matmul: Step = {
  kind: 'matmul',
  inputs: [contiguous(0, shape), contiguous(1, shape)],
  outputs: [contiguous(2, shape)],
  attributes: { multiply: 'float32', accumulate: 'float32' },
  epilogue: {
    inputs: [contiguous(0, shape)],
    body: [{ op: 'add', arguments: [0, 1], dataType: 'float32' }],
    results: [2],
  },
  after: [],
  origin: ['product'],
};
const negate: Step = {
  kind: 'map',
  inputs: [contiguous(2, shape)],
  outputs: [contiguous(3, shape)],
  attributes: {},
  epilogue: { inputs: [], body: [{ op: 'neg', arguments: [0], dataType: 'float32' }], results: [1] },
  after: [0],
  origin: ['minus'],
};
const program: Program = {
  version: { major: 1, minor: 0 },
  bindings: [
    { role: 'input', name: 'a', bytes: 64 },
    { role: 'constant', fingerprint: 'b', bytes: 64 },
    { role: 'output', name: 'y', bytes: 64 },
  ],
  tensors: [
    { type: 'float32', shape, at: { binding: 0 }, offset: 0 },
    { type: 'float32', shape, at: { binding: 1 }, offset: 0 },
    { type: 'float32', shape, at: 'workspace', offset: 0 },
    { type: 'float32', shape, at: { binding: 2 }, offset: 0 },
  ],
  steps: [matmul, negate],
  workspaceBytes: 64,
};

/** The program with one of its steps changed. */
function withStep(at: number, change: Partial<Step>): Program {
  return { ...program, steps: program.steps.map((step, index) => (index === at ? { ...step, ...change } : step)) };
}

const input = (tensor: number, change: object) => ({ ...contiguous(tensor, shape), ...change });
const body = (...instructions: NonNullable<Step['epilogue']>['body']) => ({
  inputs: [],
  body: instructions,
  results: [instructions.length],
});

describe('validateProgram', () => {
  it('accepts a program that keeps the rules', () => {
    expect(() => validateProgram(program)).not.toThrow();
  });

  it.each<[string, Program, RegExp]>([
    ['a view that leaves its tensor', withStep(1, { inputs: [input(2, { offset: 1 })] }), /elements 1 to 16/],
    ['a view before its tensor', withStep(1, { inputs: [input(2, { strides: [-4, 1] })] }), /elements -12 to 3/],
    ['a tensor that is not there', withStep(1, { inputs: [input(9, {})] }), /tensor 9/],
    ['strides of another rank', withStep(1, { inputs: [input(2, { strides: [1] })] }), /2 extents and 1 strides/],
    ['half a stride', withStep(1, { inputs: [input(2, { strides: [4, 0.5] })] }), /stride 0.5/],
    ['operands of another shape', withStep(1, { inputs: [input(2, { shape: [4, 3] })] }), /shape \[4,3\]/],
    [
      'a matmul that does not fit',
      withStep(0, { inputs: [contiguous(0, shape), contiguous(1, [2, 8])] }),
      /: b: shape/,
    ],
    ['a missing operand', withStep(0, { inputs: [contiguous(0, shape)] }), /1 inputs/],
    [
      'an unknown attribute value',
      withStep(0, { attributes: { multiply: 'float7', accumulate: 'float32' } }),
      /float7/,
    ],
    ['an output that is written twice', withStep(1, { outputs: [input(3, { strides: [0, 1] })] }), /strides 0,1/],
    ['a map without an expression', withStep(1, { epilogue: undefined as never }), /an epilogue/],
    ['a kind without a body', withStep(1, { kind: 'mystery' }), /no body/],
    [
      'an operator of no contract',
      withStep(1, { epilogue: body({ op: 'cube' as never, arguments: [0], dataType: 'float32' }) }),
      /cube/,
    ],
    [
      'an argument from later on',
      withStep(1, { epilogue: body({ op: 'neg', arguments: [1], dataType: 'float32' }) }),
      /argument 1/,
    ],
    [
      'too few arguments',
      withStep(1, { epilogue: body({ op: 'add', arguments: [0], dataType: 'float32' }) }),
      /1 arguments/,
    ],
    [
      'arguments of another type',
      withStep(1, { epilogue: body({ op: 'neg', arguments: [0], dataType: 'int32' }) }),
      /float32.*int32/,
    ],
    [
      'a comparison that is a float',
      withStep(1, { epilogue: body({ op: 'isNaN', arguments: [0], dataType: 'float32' }) }),
      /uint8/,
    ],
    [
      'a store that needs a cast',
      withStep(1, { epilogue: body({ op: 'isNaN', arguments: [0], dataType: 'uint8' }) }),
      /uint8 stored as float32/,
    ],
    [
      'an axis beyond the rank',
      withStep(1, { epilogue: body({ op: 'coordinate', arguments: [], dataType: 'float32', value: 2 }) }),
      /axis 2/,
    ],
    ['a dependence left out', withStep(1, { after: [] }), /step 1 does not wait for step 0/],
    ['a step that waits for itself', withStep(1, { after: [1] }), /after 1/],
    [
      'reading what is written',
      withStep(0, { outputs: [contiguous(0, shape)], epilogue: undefined as never }),
      /writes what it reads/,
    ],
    ['memory beyond the workspace', { ...program, workspaceBytes: 63 }, /bytes up to 64/],
    [
      'two bindings of one name',
      { ...program, bindings: [...program.bindings, program.bindings[0]!] },
      /second input a/,
    ],
    [
      'a type of no contract',
      { ...program, tensors: program.tensors.with(2, { ...program.tensors[2]!, type: 'float12' as never }) },
      /float12/,
    ],
    ['a contract of another major', { ...program, version: { major: 2, minor: 0 } }, /contract 2\.0/],
    ['a contract newer than this', { ...program, version: { major: 1, minor: 99 } }, /contract 1\.99/],
  ])('refuses %s', (_, broken, message) => {
    expect(() => validateProgram(broken)).toThrow(message);
    expect(() => validateProgram(broken)).toThrow(expect.objectContaining({ code: 'bad-program' }));
  });

  it('refuses two tensors in one place, save for an elementwise result in the place of its operand', () => {
    const inPlace: Program = {
      ...program,
      tensors: [...program.tensors, { type: 'float32', shape, at: 'workspace', offset: 0 }],
      steps: [
        matmul,
        { ...negate, outputs: [contiguous(4, shape)] },
        { ...negate, inputs: [contiguous(4, shape)], after: [1] },
      ],
    };
    expect(() => validateProgram(inPlace)).not.toThrow();
    const turned = { ...negate, inputs: [input(2, { strides: [1, 4] })], outputs: [contiguous(4, shape)] };
    expect(() => validateProgram({ ...inPlace, steps: inPlace.steps.with(1, turned) })).toThrow(/overlap in memory/);
  });

  it('never fails otherwise than with a typed error, whatever was done to a program', () => {
    const programs = fc.constantFrom(
      ...fc
        .sample(randomModules, { numRuns: 40, seed: 1 })
        .map((module) => compileModule(module, { devices: [anyDevice()], fusion: 'on' }).programs[0]!.program),
    );
    const junk = fc.constantFrom<unknown>(-1, 0.5, 1e9, Number.NaN, '', 'x', null, [], {}, [7], true);
    fc.assert(
      fc.property(programs, fc.array(fc.nat(1000), { minLength: 4, maxLength: 8 }), junk, (original, path, value) => {
        const broken = structuredClone(original) as unknown as Record<string, unknown>;
        let place: Record<string, unknown> = broken;
        for (const [at, choice] of path.entries()) {
          const keys = Object.keys(place);
          if (keys.length === 0) return;
          const key = keys[choice % keys.length]!;
          const inner = place[key];
          const isLeaf = typeof inner !== 'object' || inner === null || ArrayBuffer.isView(inner);
          if (isLeaf || at === path.length - 1) {
            place[key] = value;
            break;
          }
          place = inner as Record<string, unknown>;
        }
        try {
          validateProgram(broken as unknown as Program);
        } catch (error) {
          expect(error).toMatchObject({ name: 'HalyardError', code: 'bad-program' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
