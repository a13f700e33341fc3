import {
  type DataType,
  type Instruction,
  interpret,
  type Module,
  reference,
  type Step,
  simplify,
  type View,
} from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { lower } from '../../src/compiler/lower.js';
import { contiguous } from '../../src/compiler/views.js';
import { anyDevice } from './devices.js';

type Origin = Module['tensors'][number]['origin'];

const input: Origin = { kind: 'input', name: 'x' };
const temporary: Origin = { kind: 'temporary' };
const output = (name = 'y'): Origin => ({ kind: 'output', name });
const constant = (...values: number[]): Origin => {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { kind: 'constant', source: { fingerprint: `${values}`, parts: [{ data }] } };
};

function moduleOf(origins: readonly Origin[], steps: readonly Step[], type: DataType = 'float32', size = 4): Module {
  return { tensors: origins.map((origin) => ({ type, shape: [size], origin })), steps };
}

function map(
  reads: readonly (number | View)[],
  writes: readonly number[],
  body: Instruction[],
  results: number[],
  size = 4,
): Step {
  const view = (tensor: number | View) => (typeof tensor === 'number' ? contiguous(tensor, [size]) : tensor);
  return {
    kind: 'map',
    inputs: reads.map(view),
    outputs: writes.map(view),
    attributes: {},
    epilogue: { inputs: [], body, results },
    after: [],
    origin: [],
  };
}

const op = (name: Instruction['op'], ...given: number[]): Instruction => ({
  op: name,
  arguments: given,
  dataType: 'float32',
});
const literal = (value: number | string, dataType: DataType = 'float32'): Instruction => ({
  op: 'constant',
  arguments: [],
  dataType,
  value,
});

/** The body that is left of a map of one operand, and its result. */
function simplified(body: Instruction[], result: number, type: DataType = 'float32') {
  const { steps } = simplify(moduleOf([input, output()], [map([0], [1], body, [result])], type));
  return { body: steps[0]!.epilogue!.body.map(({ op }) => op), results: steps[0]!.epilogue!.results };
}

describe('simplify', () => {
  it('removes steps and outputs that nothing depends on', () => {
    const module = moduleOf(
      [input, temporary, temporary, output()],
      [map([0], [1], [op('exp', 0)], [1]), map([0], [2, 3], [op('neg', 0), op('abs', 0)], [1, 2])],
    );
    const { steps } = simplify(module);
    expect(steps).toHaveLength(1);
    expect(steps[0]!.outputs.map(({ tensor }) => tensor)).toEqual([3]);
    expect(steps[0]!.epilogue!.body.map(({ op }) => op)).toEqual(['abs']);
  });

  it('computes once what is computed twice', () => {
    const module = moduleOf(
      [input, temporary, temporary, output()],
      [
        map([0], [1], [op('exp', 0)], [1]),
        map([0], [2], [op('exp', 0)], [1]),
        map([1, 2], [3], [op('add', 0, 1)], [2]),
      ],
    );
    const { steps } = simplify(module);
    expect(steps).toHaveLength(2);
    expect(steps[1]!.inputs.map((operand) => operand!.tensor)).toEqual([1]);
  });

  it('does not take a state for the same after it was written', () => {
    const state: Origin = { kind: 'state', name: 's' };
    const module = moduleOf(
      [state, input, temporary, temporary, output()],
      [
        map([0], [2], [op('exp', 0)], [1]),
        map([1], [0], [], [0]),
        map([0], [3], [op('exp', 0)], [1]),
        map([2, 3], [4], [op('sub', 0, 1)], [2]),
      ],
    );
    expect(simplify(module).steps).toHaveLength(4);
  });

  it('tells constants apart that JSON does not', () => {
    const module = moduleOf(
      [input, output('y'), output('z'), temporary, temporary],
      [
        map([0], [3], [literal(0), op('add', 0, 1)], [2]),
        map([0], [4], [literal(-0), op('mul', 0, 1)], [2]),
        map([3], [1], [], [0]),
        map([4], [2], [], [0]),
      ],
    );
    expect(simplify(module).steps).toHaveLength(4);
  });

  it('computes what depends on small constants alone, exactly', () => {
    const module = moduleOf(
      [constant(1, 2, 3, 4), constant(0.5, 0.5, 0.25, 0.25), temporary, input, output()],
      [map([0, 1], [2], [op('mul', 0, 1)], [2]), map([2, 3], [4], [op('add', 0, 1)], [2])],
    );
    const { steps, tensors } = simplify(module, reference.evaluate);
    expect(steps).toHaveLength(1);
    const folded = tensors[2]!.origin as Extract<Origin, { kind: 'constant' }>;
    const [part] = folded.source.parts as readonly { data: Uint8Array }[];
    expect([...new Float32Array(part!.data.slice().buffer)]).toEqual([0.5, 1, 0.75, 1]);
  });

  it('does not read constants that are in files', () => {
    const source = { fingerprint: 'w', parts: [{ path: 'w.bin', offset: 0, bytes: 16 }] };
    const module = moduleOf([{ kind: 'constant', source }, output()], [map([0], [1], [op('exp', 0)], [1])]);
    expect(simplify(module, reference.evaluate).steps).toHaveLength(1);
  });

  it('makes an instruction of a constant with one element', () => {
    const scalar: View = { tensor: 1, offset: 0, shape: [4], strides: [0] };
    const module: Module = {
      tensors: [
        { type: 'float32', shape: [4], origin: input },
        { type: 'float32', shape: [], origin: constant(1) },
        { type: 'float32', shape: [4], origin: output() },
      ],
      steps: [map([0, scalar], [2], [op('mul', 0, 1)], [2])],
    };
    expect(simplify(module).steps[0]!.inputs).toHaveLength(1);
    expect(simplify(module).steps[0]!.epilogue!.body).toEqual([]);
  });
});

describe('algebra', () => {
  it.each([
    ['x · 1', [literal(1), op('mul', 0, 1)], 2],
    ['1 · x', [literal(1), op('mul', 1, 0)], 2],
    ['x / 1', [literal(1), op('div', 0, 1)], 2],
    ['x + −0', [literal(-0), op('add', 0, 1)], 2],
    ['x − 0', [literal(0), op('sub', 0, 1)], 2],
    ['−−x', [op('neg', 0), op('neg', 1)], 2],
    ['max(x, x)', [op('max', 0, 0)], 1],
    ['a cast to the same type', [op('cast', 0)], 1],
    ['x to the first', [literal(1), op('pow', 0, 1)], 2],
    ['a choice between x and x', [op('isNaN', 0), { ...op('select', 1, 0, 0) }], 2],
  ] as const)('takes %s for x', (_, body, result) => {
    const typed = body.map((instruction) =>
      instruction.op === 'isNaN' ? { ...instruction, dataType: 'uint8' as const } : instruction,
    );
    expect(simplified([...typed], result)).toEqual({ body: [], results: [0] });
  });

  it.each([
    ['x + 0, since −0 + 0 is 0', [literal(0), op('add', 0, 1)], 2],
    ['x − −0', [literal(-0), op('sub', 0, 1)], 2],
    ['x · 0, since ∞ · 0 is NaN', [literal(0), op('mul', 0, 1)], 2],
    ['x − x, since ∞ − ∞ is NaN', [op('sub', 0, 0)], 1],
    ['x / x', [op('div', 0, 0)], 1],
  ] as const)('leaves %s', (_, body, result) => {
    expect(simplified([...body], result).body).toHaveLength(body.length);
  });

  it('takes x + 0 for x among integers', () => {
    const body = [literal(0, 'int32'), { ...op('add', 0, 1), dataType: 'int32' as const }];
    expect(simplified(body, 2, 'int32')).toEqual({ body: [], results: [0] });
  });

  it('squares by multiplication', () => {
    expect(simplified([literal(2), op('pow', 0, 1)], 2)).toEqual({ body: ['mul'], results: [1] });
  });

  it('keeps the cast that rounds a float16 which was computed', () => {
    const half = (instruction: Instruction): Instruction => ({ ...instruction, dataType: 'float16' });
    const body = [half(op('mul', 0, 0)), half(op('cast', 1)), half(op('add', 2, 0))];
    expect(simplified(body, 3, 'float16').body).toEqual(['mul', 'cast', 'add']);
    expect(simplified([half(op('cast', 0))], 1, 'float16').body).toEqual([]);
  });

  it('does an instruction once that occurs twice', () => {
    expect(simplified([op('exp', 0), op('exp', 0), op('add', 1, 2)], 3).body).toEqual(['exp', 'add']);
  });

  it('gives the same bits for every special value', () => {
    const special = [
      0,
      -0,
      1,
      -1,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      1e-45,
      -1e-45,
      3.4e38,
    ];
    const bodies: [Instruction[], number][] = [];
    for (const number of [0, -0, 1, 2]) {
      for (const name of ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'] as const) {
        bodies.push([[literal(number), op(name, 0, 1), op('neg', 2), op('neg', 3), op('abs', 4)], 4]);
        bodies.push([[literal(number), op(name, 1, 0), op('neg', 2), op('abs', 3)], 4]);
      }
    }
    for (const [body, result] of bodies) {
      const module = moduleOf(
        [input, output()],
        [map([0], [1], body, [result], special.length)],
        'float32',
        special.length,
      );
      const run = (steps: Module) => {
        const { program } = lower(steps, anyDevice().adapter.limits);
        const bytes = new Uint8Array(4 * special.length);
        interpret(program, [new Uint8Array(Float32Array.from(special).buffer), bytes], new Uint8Array(0));
        return [...new Float32Array(bytes.buffer)];
      };
      expect(run(simplify(module))).toEqual(run(module));
    }
  });
});
