import type { DataType } from '@halyard/core';
import type { ProgramCase } from '../generate/program-builder.js';
import { apply, chain, given, oneStep } from './case.js';

const sequence = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const copy = { inputs: [], body: [], results: [0] } as const;

/** One map under each kind of view, for elements of each size. */
export function viewCases(): ProgramCase[] {
  const types: readonly DataType[] = ['float32', 'float16', 'int64', 'uint8'];
  return [
    ...types.flatMap((type) => layoutsOf(type)),
    oneStep('a map in place', [{ ...given('float32', sequence(37)), role: 'state' }], [], {
      kind: 'map',
      outputs: ([state]) => [state!],
      epilogue: apply('neg', 'float32', 1),
    }),
    oneStep('a map of no elements', [given('float32', [], [3, 0, 2])], [{ type: 'float32', shape: [3, 0, 2] }], {
      kind: 'map',
      epilogue: apply('neg', 'float32', 1),
    }),
    oneStep('a map without inputs gives coordinates', [], [{ type: 'int32', shape: [2, 3, 2] }], {
      kind: 'map',
      epilogue: {
        inputs: [],
        body: [
          { op: 'coordinate', arguments: [], dataType: 'int32', value: 1 },
          { op: 'coordinate', arguments: [], dataType: 'int32', value: 2 },
          { op: 'constant', arguments: [], dataType: 'int32', value: 10 },
          { op: 'mul', arguments: [0, 2], dataType: 'int32' },
          { op: 'add', arguments: [3, 1], dataType: 'int32' },
        ],
        results: [4],
      },
    }),
    oneStep(
      'a rotation: one map whose two outputs are the halves of one tensor',
      [given('float32', sequence(24), [3, 8])],
      [{ type: 'float32', shape: [3, 8] }],
      {
        kind: 'map',
        inputs: ([x]) => [0, 4].map((offset) => ({ ...x!, offset, shape: [3, 4] })),
        outputs: ([, y]) => [0, 4].map((offset) => ({ ...y!, offset, shape: [3, 4] })),
        epilogue: {
          inputs: [],
          body: [
            { op: 'sub', arguments: [0, 1], dataType: 'float32' },
            { op: 'add', arguments: [0, 1], dataType: 'float32' },
          ],
          results: [2, 3],
        },
      },
    ),
    ...rowsCases(),
  ];
}

function layoutsOf(type: DataType): ProgramCase[] {
  const x = given(type, sequence(30), [5, 6]);
  const from = (name: string, offset: number, shape: readonly number[], strides: readonly number[]) =>
    oneStep(`${type}, ${name}`, [x], [{ type, shape }], {
      kind: 'map',
      inputs: () => [{ tensor: 0, offset, shape, strides }],
      epilogue: copy,
    });
  return [
    from('read as it lies', 0, [5, 6], [6, 1]),
    from('read transposed', 0, [6, 5], [1, 6]),
    from('read sliced, in steps', 7, [2, 2], [12, 2]),
    from('read in reverse', 29, [5, 6], [-6, -1]),
    from('read broadcast', 3, [4, 3, 2], [0, 6, 0]),
    from('read as a scalar', 11, [], []),
    from('read at rank 5', 0, [1, 5, 1, 2, 3], [30, 6, 6, 3, 1]),
    oneStep(`${type}, written transposed and in reverse`, [x], [{ type, shape: [6, 5] }], {
      kind: 'map',
      outputs: () => [{ tensor: 1, offset: 29, shape: [5, 6], strides: [-1, -5] }],
      epilogue: copy,
    }),
    oneStep(`${type}, written into the middle of a tensor`, [x], [{ type, shape: [7, 9] }], {
      kind: 'map',
      outputs: () => [{ tensor: 1, offset: 10, shape: [5, 6], strides: [9, 1] }],
      epilogue: copy,
    }),
  ];
}

function rowsCases(): ProgramCase[] {
  return ([0, 1] as const).flatMap((axis) =>
    (['int32', 'int64'] as const).map((indexType) => {
      const shape = axis === 0 ? [4, 3] : [3, 4];
      return oneStep(
        `rows along axis ${axis} named in ${indexType}, one of them outside`,
        [
          given('float32', sequence(12), shape),
          given(indexType, [5, 9, 0, -1]),
          {
            ...given(
              'float32',
              sequence(21).map((value) => -value),
              axis === 0 ? [7, 3] : [3, 7],
            ),
            role: 'state',
          },
        ],
        [],
        {
          kind: 'map',
          inputs: ([x]) => [x!],
          outputs: ([, indices, state]) => [{ ...state!, rows: { axis, indices: indices! } }],
          epilogue: chain(1, { op: 'neg', arguments: [0], dataType: 'float32' }),
        },
      );
    }),
  );
}
