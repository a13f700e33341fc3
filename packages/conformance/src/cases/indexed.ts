import { type DataType, type Step, typeLayouts } from '@halyard/core';
import type { ProgramCase } from '../generate/program-builder.js';
import { Random } from '../generate/random.js';
import { randomBytes } from '../generate/values.js';
import { type Given, given, oneStep } from './case.js';

const sequence = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
type Form = Step<'gather'>['attributes']['form'];

function gather(
  name: string,
  from: Given,
  form: Form,
  axis: number,
  indices: Given,
  shape: readonly number[],
): ProgramCase {
  const type: DataType = typeLayouts[from.type].elements > 1 ? 'float32' : (from.type as DataType);
  return oneStep(`gather ${name}`, [from, indices], [{ type, shape }], { kind: 'gather', attributes: { form, axis } });
}

export function gatherCases(): ProgramCase[] {
  const random = new Random(3);
  const types: readonly DataType[] = ['float32', 'float16', 'bfloat16', 'int64', 'int32', 'uint8'];
  return [
    ...types.flatMap((type) => [
      gather(
        `${type} rows, from the end and clamped`,
        given(type, sequence(12), [4, 3]),
        'rows',
        0,
        given('int32', [-1, 0, 9, -9, 2]),
        [5, 3],
      ),
      gather(
        `${type} columns`,
        given(type, sequence(12), [4, 3]),
        'rows',
        1,
        given('int64', [2, -2], [2, 1]),
        [4, 2, 1],
      ),
      gather(
        `${type} elements`,
        given(type, sequence(12), [4, 3]),
        'elements',
        0,
        given('int32', [0, 3, -1, 1, 1, 9], [2, 3]),
        [2, 3],
      ),
      gather(
        `${type} by coordinates`,
        given(type, sequence(12), [2, 2, 3]),
        'nd',
        0,
        given('int32', [1, 0, 0, -1, 9, 9], [3, 2]),
        [3, 3],
      ),
    ]),
    gather('by one index', given('float32', sequence(12), [4, 3]), 'rows', 0, given('int32', [1], []), [3]),
    gather('nothing', given('float32', sequence(12), [4, 3]), 'rows', 0, given('int32', [], [0]), [0, 3]),
    ...(['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'] as const).map((type) => {
      const width = typeLayouts[type].elements * 2;
      const table: Given = {
        type,
        shape: [5, width],
        values: randomBytes(random, type, [5, width], 'plain'),
        role: 'constant',
      };
      return gather(`rows of ${type} blocks`, table, 'rows', 0, given('int32', [4, 0, -2]), [3, width]);
    }),
  ];
}

function scatter(
  name: string,
  type: DataType,
  state: Given,
  indices: Given,
  updates: Given,
  attributes: Step<'scatter'>['attributes'],
): ProgramCase {
  return oneStep(`scatter ${name} of ${type}`, [indices, updates, { ...state, role: 'state' }], [], {
    kind: 'scatter',
    attributes,
    inputs: (views) => views.slice(0, 2),
    outputs: (views) => [views[2]!],
  });
}

/** Rows of a table, and how many updates each of them gets: more than fit in one block of threads. */
export const contested = { rows: 8, columns: 100, updates: 64 } as const;

/** Update u replaces row u mod 7 with (u + 1) · 1000 + column; row 7 keeps its zeros. */
export function contestedScatter(): ProgramCase {
  const { rows, columns, updates } = contested;
  const count = (many: number, value: (index: number) => number) => Array.from({ length: many }, (_, i) => value(i));
  const state = given(
    'float32',
    count(rows * columns, () => 0),
    [rows, columns],
  );
  const values = count(updates * columns, (at) => (Math.floor(at / columns) + 1) * 1000 + (at % columns));
  return scatter(
    'replaces rows named many times',
    'float32',
    state,
    given(
      'int32',
      count(updates, (update) => update % (rows - 1)),
    ),
    given('float32', values, [updates, columns]),
    { form: 'rows', axis: 0, combine: 'replace', outOfRange: 'drop' },
  );
}

export function scatterCases(): ProgramCase[] {
  const combines = ['add', 'mul', 'min', 'max'] as const;
  return (['float32', 'float16', 'int32', 'int64', 'uint8'] as const).flatMap((type) => {
    const state = given(type, sequence(12), [4, 3]);
    return [
      scatter(
        'replaces rows, drops what is outside',
        type,
        state,
        given('int32', [2, 9, -4]),
        given(type, sequence(9), [3, 3]),
        {
          form: 'rows',
          axis: 0,
          combine: 'replace',
          outOfRange: 'drop',
        },
      ),
      ...combines.map((combine) =>
        scatter(
          `${combine}s to rows named twice, clamped`,
          type,
          state,
          given('int64', [1, 1, 9]),
          given(type, sequence(9), [3, 3]),
          {
            form: 'rows',
            axis: 0,
            combine,
            outOfRange: 'clamp',
          },
        ),
      ),
      scatter(
        'adds to elements',
        type,
        state,
        given('int32', [0, 3, -1, 1, 1, 9], [2, 3]),
        given(type, sequence(6), [2, 3]),
        {
          form: 'elements',
          axis: 0,
          combine: 'add',
          outOfRange: 'drop',
        },
      ),
      scatter('adds by coordinates', type, state, given('int32', [1, 1, 0, -1, 7, 7], [3, 2]), given(type, [5, 6, 7]), {
        form: 'nd',
        axis: 0,
        combine: 'add',
        outOfRange: 'drop',
      }),
    ];
  });
}
