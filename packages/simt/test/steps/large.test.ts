import type { ProgramCase } from '@halyard/conformance';
import { describe, expect, it } from 'vitest';
import { targets } from '../support/matrix-targets.js';
import { judge } from '../support/simulate.js';
import { unaryCase } from '../support/steps.js';

/** So small a device that few groups are many. */
const target = { ...targets.sm_80, multiprocessors: 8 };
const f32 = 'float32';

const cases: readonly (readonly [string, ProgramCase])[] = [
  [
    'reduce-in-parts',
    unaryCase('reduce', f32, [2, 9000], [[f32, [2, 1]]], { combine: 'sum', axes: [1], accumulate: f32 }),
  ],
  [
    'reduce-in-parts',
    unaryCase('reduce', f32, [1, 40_000], [[f32, [1, 1]]], { combine: 'logSumExp', axes: [1], accumulate: f32 }),
  ],
  [
    'reduce-in-parts',
    unaryCase('reduce', f32, [3, 8192], [['int64', [3, 1]]], { combine: 'argMax', axes: [1], accumulate: f32 }),
  ],
  [
    'reduce-in-parts',
    unaryCase('reduce', f32, [3000, 40], [[f32, [1, 40]]], { combine: 'min', axes: [0], accumulate: f32 }),
  ],
  [
    'normalize-in-registers',
    unaryCase('normalize', f32, [2, 300, 33], [[f32, [2, 300, 33]]], { form: 'layer', axes: [1], epsilon: 1e-5 }),
  ],
  [
    'normalize-in-passes',
    unaryCase('normalize', f32, [1, 20_000], [[f32, [1, 20_000]]], { form: 'softmax', axes: [1], epsilon: 0 }),
  ],
  [
    'normalize-in-passes',
    unaryCase('normalize', f32, [600, 33], [[f32, [600, 33]]], { form: 'rms', axes: [0], epsilon: 1e-5 }),
  ],
  [
    'scan-by-block',
    unaryCase('scan', f32, [2, 5000], [[f32, [2, 5000]]], { combine: 'sum', axis: 1, exclusive: true, reversed: true }),
  ],
  [
    'scan-by-thread',
    unaryCase('scan', 'int64', [40, 1100], [['int64', [40, 1100]]], {
      combine: 'max',
      axis: 0,
      exclusive: false,
      reversed: false,
    }),
  ],
  [
    'top-of-tiles',
    unaryCase(
      'sort',
      f32,
      [2, 9000],
      [
        [f32, [2, 40]],
        ['int32', [2, 40]],
      ],
      { axis: 1, descending: true, count: 40 },
    ),
  ],
  [
    'sort-through-memory',
    unaryCase(
      'sort',
      'int8',
      [1, 5000],
      [
        ['int8', [1, 5000]],
        ['int64', [1, 5000]],
      ],
      { axis: 1, descending: false, count: 5000 },
    ),
  ],
];

describe('a step too large for one block', () => {
  it.each(cases.map(([kernel, given]) => ({ kernel, given, name: given.name })))(
    '$name is done by $kernel',
    async ({ kernel, given }) => {
      const { generated } = await judge(given, target);
      expect(generated.choices.map((choice) => choice.kernel)).toEqual([kernel]);
    },
  );
});
