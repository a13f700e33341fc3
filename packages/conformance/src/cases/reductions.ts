import type { DataType, Step } from '@halyard/core';
import type { ProgramCase } from '../generate/program-builder.js';
import { given, oneStep } from './case.js';
import { integers } from './scalars.js';

const { NaN: nan } = Number;
type Combine = Step<'reduce'>['attributes']['combine'];

function reduce(
  name: string,
  type: DataType,
  values: readonly (number | bigint)[],
  shape: readonly number[],
  axes: readonly number[],
  combine: Combine,
): ProgramCase {
  const isIndex = combine === 'argMin' || combine === 'argMax';
  return oneStep(
    `${combine} over ${name}`,
    [given(type, values, shape)],
    [{ type: isIndex ? 'int32' : type, shape: shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)) }],
    { kind: 'reduce', attributes: { combine, axes, accumulate: type } },
  );
}

const floatCombines: readonly Combine[] = ['sum', 'product', 'min', 'max', 'logSumExp'];

export function reduceCases(): ProgramCase[] {
  const long = Array.from({ length: 1031 }, (_, index) => Math.sin(index) * 3);
  return [
    ...floatCombines.flatMap((combine) => [
      reduce('nothing', 'float32', [], [2, 0], [1], combine),
      reduce('no axes', 'float32', [1, -2, 3], [3], [], combine),
      reduce('a NaN', 'float32', [1, nan, 2, 3, 4, 5], [2, 3], [1], combine),
      reduce('infinities', 'float32', [Infinity, 1, -Infinity, 1, -Infinity, -Infinity], [3, 2], [1], combine),
      reduce('an outer axis', 'float32', [1, 2, 3, 4, 5, 6], [3, 2], [0], combine),
      reduce('a middle axis', 'float32', long.slice(0, 60), [3, 4, 5], [1], combine),
      reduce('all axes', 'float32', long.slice(0, 60), [3, 4, 5], [0, 1, 2], combine),
      ...(combine === 'product' ? [] : [reduce('a thousand elements', 'float32', long, [1031], [0], combine)]),
      reduce('large values', 'float32', [1000, 1000, -1000], [3], [0], combine),
    ]),
    ...(['int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'] as const).flatMap((type) =>
      (['sum', 'product', 'min', 'max'] as const).flatMap((combine) => [
        reduce(`extremes of ${type}`, type, integers(type), [integers(type).length], [0], combine),
        reduce(`no ${type}`, type, [], [0], [0], combine),
      ]),
    ),
    ...(['argMin', 'argMax'] as const).flatMap((combine) => [
      reduce('equals takes the first', 'float32', [2, 3, 3, 1, 1, 3], [6], [0], combine),
      reduce('a NaN takes it', 'float32', [2, nan, 3, nan], [4], [0], combine),
      reduce('zeros of both signs', 'float32', [0, -0, 0], [3], [0], combine),
      reduce('integers along an outer axis', 'int32', [1, 5, 3, 2, 3, 9], [3, 2], [0], combine),
      reduce('a long axis', 'float32', long, [1031], [0], combine),
    ]),
  ];
}

export function normalizeCases(): ProgramCase[] {
  const normalize = (
    name: string,
    form: Step<'normalize'>['attributes']['form'],
    values: readonly number[],
    shape: readonly number[],
    axes: readonly number[],
    epsilon = 1e-5,
  ) =>
    oneStep(`${form} of ${name}`, [given('float32', values, shape)], [{ type: 'float32', shape }], {
      kind: 'normalize',
      attributes: { form, axes, epsilon },
    });
  const wave = Array.from({ length: 300 }, (_, index) => Math.cos(index) * 4);
  return [
    ...(['softmax', 'logSoftmax', 'layer', 'rms'] as const).flatMap((form) => [
      normalize('the last axis', form, wave, [5, 60], [1]),
      normalize('the first axis', form, wave, [60, 5], [0]),
      normalize('several axes', form, wave, [5, 4, 15], [0, 2]),
      normalize('one element', form, [3], [1], [0], 1),
      normalize('nothing', form, [], [0, 3], [1]),
      normalize('a NaN', form, [1, nan, 3, 4], [2, 2], [1]),
    ]),
    normalize('masked scores', 'softmax', [1, -Infinity, 2, -Infinity], [4], [0]),
    normalize('large scores', 'softmax', [1e4, 1e4 - 1, -1e4], [3], [0]),
    normalize('large scores', 'logSoftmax', [1e4, 1e4 - 1, -1e4], [3], [0]),
    normalize(
      'a mean far from zero',
      'layer',
      wave.slice(0, 64).map((value) => value + 100),
      [64],
      [0],
    ),
    oneStep(
      'rms with a scale as its epilogue',
      [given('float32', wave.slice(0, 32), [2, 16]), given('float32', wave.slice(32, 48))],
      [{ type: 'float32', shape: [2, 16] }],
      {
        kind: 'normalize',
        attributes: { form: 'rms', axes: [1], epsilon: 1e-5 },
        inputs: ([x]) => [x!],
        epilogue: {
          inputs: [{ tensor: 1, offset: 0, shape: [2, 16], strides: [0, 1] }],
          body: [{ op: 'mul', arguments: [0, 1], dataType: 'float32' }],
          results: [2],
        },
      },
    ),
  ];
}

export function scanCases(): ProgramCase[] {
  const scan = (
    type: DataType,
    combine: Step<'scan'>['attributes']['combine'],
    values: readonly (number | bigint)[],
    shape: readonly number[],
    axis: number,
  ) =>
    [false, true].flatMap((exclusive) =>
      [false, true].map((reversed) =>
        oneStep(
          `${reversed ? 'reversed ' : ''}${exclusive ? 'exclusive ' : ''}${combine} of ${type}[${shape}] along ${axis}`,
          [given(type, values, shape)],
          [{ type, shape }],
          { kind: 'scan', attributes: { combine, axis, exclusive, reversed } },
        ),
      ),
    );
  const wave = Array.from({ length: 60 }, (_, index) => Math.cos(index) * 2);
  return (['sum', 'product', 'max', 'min'] as const).flatMap((combine) => [
    ...scan('float32', combine, wave, [3, 20], 1),
    ...scan('float32', combine, wave, [20, 3], 0),
    ...scan('int8', combine, integers('int8'), [11], 0),
    ...scan('int64', combine, integers('int64'), [11], 0),
    ...scan('float32', combine, [1, nan, 3], [3], 0),
    ...scan('float32', combine, [], [2, 0], 1),
  ]);
}

export function sortCases(): ProgramCase[] {
  const sort = (
    name: string,
    type: DataType,
    values: readonly (number | bigint)[],
    shape: readonly number[],
    axis: number,
    count: number,
  ) =>
    [false, true].map((descending) => {
      const sorted = shape.with(axis, count);
      return oneStep(
        `${name}, ${descending ? 'greatest' : 'least'} first`,
        [given(type, values, shape)],
        [
          { type, shape: sorted },
          { type: 'int32', shape: sorted },
        ],
        { kind: 'sort', attributes: { axis, descending, count } },
      );
    });
  return [
    ...sort('equals keep their order', 'int32', [3, 1, 3, 2, 1, 3, 2, 1], [8], 0, 8),
    ...sort('NaN is the largest', 'float32', [2, nan, Infinity, nan, -Infinity, 0], [6], 0, 4),
    ...sort('along an outer axis', 'float32', [5, 1, 4, 2, 3, 3], [3, 2], 0, 2),
    ...sort('64-bit integers', 'int64', integers('int64'), [11], 0, 11),
    ...sort('none of some', 'float32', [1, 2], [2], 0, 0),
    ...sort(
      'a thousand',
      'float32',
      Array.from({ length: 1000 }, (_, index) => Math.round(Math.sin(index) * 100)),
      [1000],
      0,
      40,
    ),
  ];
}
