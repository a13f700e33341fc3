import type { BinaryScalarOperator, ComparisonOperator, DataType, UnaryScalarOperator } from '@halyard/core';
import type { ProgramCase } from '../generate/program-builder.js';
import { apply, chain, given, oneStep } from './case.js';

const { NaN: nan } = Number;
const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  1.5,
  2.5,
  -0.75,
  100,
  -100,
  1e-30,
  3e38,
  -3e38,
  Infinity,
  -Infinity,
  nan,
] as const;

const unaryOperators: readonly UnaryScalarOperator[] = [
  ...(['abs', 'neg', 'sign', 'exp', 'log', 'sqrt', 'rsqrt', 'reciprocal', 'erf', 'tanh', 'sigmoid'] as const),
  ...(['gelu', 'silu', 'sin', 'cos', 'tan', 'floor', 'ceil', 'roundEven'] as const),
];
/** Where the definition multiplies 0 by an infinity, a formula of equal worth gives another answer. */
const undecided: Readonly<Partial<Record<UnaryScalarOperator, readonly number[]>>> = {
  gelu: [-Infinity],
  silu: [-Infinity],
  // A tangent's argument reduction is nobody's duty at that size.
  sin: [3e38, -3e38],
  cos: [3e38, -3e38],
  tan: [3e38, -3e38],
};

const binaryOperators: readonly BinaryScalarOperator[] = ['add', 'sub', 'mul', 'div', 'min', 'max', 'pow'];
const comparisons: readonly ComparisonOperator[] = [
  ...(['equal', 'notEqual', 'lesser', 'lesserOrEqual', 'greater', 'greaterOrEqual', 'and', 'or', 'xor'] as const),
];

const integerTypes: readonly DataType[] = ['int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'];

/** Extremes and small values of an integer type. */
export function integers(type: DataType): (number | bigint)[] {
  const bits = BigInt(type.replace(/\D+/, ''));
  const isSigned = !type.startsWith('u');
  const least = isSigned ? -(2n ** (bits - 1n)) : 0n;
  const greatest = 2n ** (isSigned ? bits - 1n : bits) - 1n;
  const values = [least, least + 1n, 0n, 1n, 2n, 7n, greatest - 1n, greatest, ...(isSigned ? [-1n, -2n, -7n] : [])];
  return bits === 64n ? values : values.map(Number);
}

/** Every pair of values, as two columns. */
function pairs<Item>(values: readonly Item[]): [Item[], Item[]] {
  return [values.flatMap((x) => values.map(() => x)), values.flatMap(() => [...values])];
}

function unaryOver(type: DataType): ProgramCase[] {
  return unaryOperators.map((op) => {
    const values = special.filter((value) => !(undecided[op] ?? []).some((other) => Object.is(other, value)));
    return oneStep(
      `${op} of ${type} at zeros, infinities and NaN`,
      [given(type, values)],
      [{ type, shape: [values.length] }],
      {
        kind: 'map',
        epilogue: apply(op, type, 1),
      },
    );
  });
}

function binaryOver(
  type: DataType,
  values: readonly (number | bigint)[],
  operators: readonly BinaryScalarOperator[],
): ProgramCase[] {
  const [x, y] = pairs(values);
  return operators.map((op) =>
    oneStep(`${op} of ${type} at its extremes`, [given(type, x), given(type, y)], [{ type, shape: [x.length] }], {
      kind: 'map',
      epilogue: apply(op, type, 2),
    }),
  );
}

function comparisonsOver(type: DataType, values: readonly (number | bigint)[]): ProgramCase[] {
  const [x, y] = pairs(values);
  return comparisons.map((op) =>
    oneStep(`${op} of ${type}`, [given(type, x), given(type, y)], [{ type: 'uint8', shape: [x.length] }], {
      kind: 'map',
      epilogue: apply(op, 'uint8', 2),
    }),
  );
}

/** Not at ±0 against ±0, where either is the least of both. */
const floats: readonly number[] = [0, 1, -1, 2.5, -3, 1e-30, 3e38, -3e38, Infinity, -Infinity, nan];

export function scalarCases(): ProgramCase[] {
  return [
    ...(['float32', 'float16', 'bfloat16'] as const).flatMap((type) => [
      ...unaryOver(type),
      ...binaryOver(type, floats, binaryOperators),
      ...comparisonsOver(type, [...floats, -0]),
    ]),
    ...integerTypes.flatMap((type) => [
      ...binaryOver(type, integers(type), binaryOperators),
      ...comparisonsOver(type, integers(type)),
      ...(['abs', 'neg', 'sign'] as const).map((op) =>
        oneStep(
          `${op} of ${type} at its extremes`,
          [given(type, integers(type))],
          [{ type, shape: [integers(type).length] }],
          {
            kind: 'map',
            epilogue: apply(op, type, 1),
          },
        ),
      ),
    ]),
    ...testCases(),
    ...randomCases(),
  ];
}

function testCases(): ProgramCase[] {
  const output = [{ type: 'uint8', shape: [special.length] }] as const;
  return [
    ...(['isNaN', 'isInfinite', 'not'] as const).map((op) =>
      oneStep(`${op} of float32`, [given('float32', special)], output, {
        kind: 'map',
        epilogue: apply(op, 'uint8', 1),
      }),
    ),
    oneStep(
      'the sign of a zero, by its reciprocal',
      [given('float32', [0, -0, -1])],
      [{ type: 'float32', shape: [3] }],
      {
        kind: 'map',
        epilogue: chain(
          1,
          { op: 'neg', arguments: [0], dataType: 'float32' },
          { op: 'reciprocal', arguments: [1], dataType: 'float32' },
        ),
      },
    ),
    oneStep(
      'select takes anything but 0 as true',
      [given('uint8', [0, 1, 2, 255]), given('int32', [1, 2, 3, 4]), given('int32', [-1, -2, -3, -4])],
      [{ type: 'int32', shape: [4] }],
      { kind: 'map', epilogue: apply('select', 'int32', 3) },
    ),
  ];
}

function randomCases(): ProgramCase[] {
  const counters = [0, 1, 2, 3, 4, 5, 1000, 4294967295];
  const seeds = [0, 0, 0, 0, 1, 4294967295, 7, 7];
  return [
    oneStep(
      'random is Philox4x32-10',
      [given('uint32', seeds), given('uint32', counters)],
      [{ type: 'uint32', shape: [8] }],
      { kind: 'map', epilogue: apply('random', 'uint32', 2) },
    ),
  ];
}

/** Every cast: what saturates, wraps, rounds and truncates. */
export function castCases(): ProgramCase[] {
  const floatTypes: readonly DataType[] = ['float32', 'float16', 'bfloat16'];
  const values = [
    0,
    -0,
    0.5,
    1.5,
    -1.5,
    254.9,
    255.5,
    300,
    -300,
    65519,
    65520,
    3e9,
    -3e9,
    1e19,
    -1e19,
    1e20,
    Infinity,
    -Infinity,
    nan,
  ];
  const all = [...floatTypes, ...integerTypes];
  return all.flatMap((from) =>
    all.flatMap((to) => {
      if (from === to) return [];
      const stored = floatTypes.includes(from) ? values : integers(from);
      return [
        oneStep(`cast of ${from} to ${to}`, [given(from, stored)], [{ type: to, shape: [stored.length] }], {
          kind: 'map',
          epilogue: apply('cast', to, 1),
        }),
      ];
    }),
  );
}
