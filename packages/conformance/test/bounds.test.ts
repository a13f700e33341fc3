import {
  interpretWithBounds,
  ProgramBuilder,
  type ProgramCase,
  scalarTolerances,
  wholeView,
} from '@halyard/conformance';
import { type Expression, type Instruction, reference, type Step, type View } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytesOf = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** A step over float32 inputs with one float32 output; gives the output and its bounds. */
function bounded(
  inputs: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[],
  shape: readonly number[],
  step: Pick<Step, 'kind' | 'attributes'> & { readonly epilogue?: Expression },
): { readonly values: Float32Array; readonly bounds: number[] } {
  const builder = new ProgramBuilder();
  const views = inputs.map(
    (input): View => wholeView(builder.bind('input', 'float32', input.shape, bytesOf(input.values)), input.shape),
  );
  builder.step({ ...step, inputs: views, outputs: [wholeView(builder.bind('output', 'float32', shape), shape)] });
  const { program, data }: ProgramCase = builder.finish('one step');
  const bindings = data.map((bytes) => bytes.slice());
  const errors = interpretWithBounds(program, bindings).at(-1)!;
  const values = new Float32Array(bindings.at(-1)!.buffer);
  return { values, bounds: Array.from(values, (_, index) => errors[index * 4]!) };
}

const chain = (...body: readonly Instruction[]): Expression => ({ inputs: [], body, results: [body.length] });
const unary = (op: Instruction['op'], of: number): Instruction => ({ op, arguments: [of], dataType: 'float32' });

describe('bounds', () => {
  it('are nothing where nothing rounds', () => {
    const { bounds } = bounded([{ shape: [3], values: [1, -2, Number.NaN] }], [3], {
      kind: 'map',
      attributes: {},
      epilogue: chain(unary('neg', 0), unary('abs', 1)),
    });
    expect(bounds).toEqual([0, 0, 0]);
  });

  it('are one unit in the last place for a sum that is rounded once', () => {
    const { bounds, values } = bounded(
      [
        { shape: [1], values: [1] },
        { shape: [1], values: [2 ** -30] },
      ],
      [1],
      {
        kind: 'map',
        attributes: {},
        epilogue: { inputs: [], body: [{ op: 'add', arguments: [0, 1], dataType: 'float32' }], results: [2] },
      },
    );
    expect(values[0]).toBe(1);
    expect(bounds[0]).toBeLessThanOrEqual(2 ** -23);
  });

  it('grow where values cancel: what is left may be all error', () => {
    // x + y − x, of which only the last units are left.
    const { bounds, values } = bounded(
      [
        { shape: [1], values: [1000] },
        { shape: [1], values: [1e-4] },
      ],
      [1],
      {
        kind: 'map',
        attributes: {},
        epilogue: {
          inputs: [],
          body: [
            { op: 'add', arguments: [0, 1], dataType: 'float32' },
            { op: 'sub', arguments: [2, 0], dataType: 'float32' },
          ],
          results: [3],
        },
      },
    );
    expect(values[0]).toBeCloseTo(1e-4, 9);
    // In float32 the sum is rounded to a multiple of 2⁻¹⁴.
    const device = Math.fround(Math.fround(1000 + 1e-4) - 1000);
    expect(Math.abs(device - values[0]!)).toBeLessThanOrEqual(bounds[0]!);
    expect(bounds[0]).toBeLessThan(2 ** -13);
  });

  it('hold for float32 evaluation of any chain of operators, rounded after each', () => {
    const operators = ['exp', 'tanh', 'sigmoid', 'erf', 'gelu', 'silu', 'sin', 'abs', 'neg', 'sqrt', 'floor'] as const;
    const inputs = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 8 });
    const chains = fc.array(fc.constantFrom(...operators), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(inputs, chains, (values, ops) => {
        const body = ops.map((op, index) => unary(op, index));
        const { values: exact, bounds } = bounded([{ shape: [values.length], values }], [values.length], {
          kind: 'map',
          attributes: {},
          epilogue: chain(...body),
        });
        // A device that rounds each value to float32, and otherwise computes in double.
        const rounded = body.flatMap((instruction, index) => [
          { ...instruction, arguments: [index * 2] },
          { op: 'cast' as const, arguments: [index * 2 + 1], dataType: 'float32' as const },
        ]);
        const device = bounded([{ shape: [values.length], values }], [values.length], {
          kind: 'map',
          attributes: {},
          epilogue: chain(...rounded),
        }).values;
        for (const [index, value] of exact.entries()) {
          if (Object.is(value, device[index])) continue;
          expect(Math.abs(device[index]! - value)).toBeLessThanOrEqual(bounds[index]!);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('of a sum hold in any order of summation in float32', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 2, maxLength: 60 }),
        (values) => {
          const { values: exact, bounds } = bounded([{ shape: [values.length], values }], [1], {
            kind: 'reduce',
            attributes: { combine: 'sum', axes: [0], accumulate: 'float32' },
          });
          for (const order of [values, values.toReversed(), values.toSorted((a, b) => a - b)]) {
            const device = order.reduce((sum, value) => Math.fround(sum + value), 0);
            expect(Math.abs(device - exact[0]!)).toBeLessThanOrEqual(bounds[0]!);
          }
        },
      ),
      { numRuns: 300, seed: 2 },
    );
  });

  it('of a product in int8 follow the greatest of each row', () => {
    const k = 64;
    const a = Array.from({ length: k }, (_, index) => Math.sin(index * 3) * 2);
    const b = Array.from({ length: k }, (_, index) => Math.cos(index));
    const multiply = (kind: 'float32' | 'int8') =>
      bounded(
        [
          { shape: [1, k], values: a },
          { shape: [k, 1], values: b },
        ],
        [1, 1],
        { kind: 'matmul', attributes: { multiply: kind, accumulate: 'float32' } },
      );
    const quantize = (values: readonly number[]) => {
      const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
      return values.map((value) => Math.round(value / scale) * scale);
    };
    const device = quantize(a).reduce((sum, value, index) => sum + value * quantize(b)[index]!, 0);
    const { values, bounds } = multiply('int8');
    expect(Math.abs(device - values[0]!)).toBeLessThanOrEqual(bounds[0]!);
    expect(Math.abs(device - values[0]!)).toBeGreaterThan(multiply('float32').bounds[0]!);
    expect(bounds[0]).toBeLessThan(1.5);
  });

  it('say that anything may come where an overflow is a matter of order', () => {
    const { bounds } = bounded([{ shape: [3], values: [3e38, 3e38, -3e38] }], [1], {
      kind: 'reduce',
      attributes: { combine: 'sum', axes: [0], accumulate: 'float32' },
    });
    expect(bounds[0]).toBe(Infinity);
  });
});

describe('the table of tolerances', () => {
  it('has a figure and a reason for every scalar operator that rounds', () => {
    for (const [op, { units, because }] of Object.entries(scalarTolerances)) {
      expect(units, op).toBeGreaterThanOrEqual(0);
      expect(because.length, op).toBeGreaterThan(10);
    }
    expect(Object.keys(scalarTolerances)).toEqual(expect.arrayContaining(['add', 'exp', 'gelu', 'pow', 'rsqrt']));
    expect(reference.stepKinds).toHaveLength(9);
  });
});
