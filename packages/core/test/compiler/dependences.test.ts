import type { Step, View } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessesOf, conflicts, dependences, unorderedPair } from '../../src/compiler/dependences.js';
import { contiguous, narrow } from '../../src/compiler/views.js';
import { randomModules } from './random-module.js';

function map(inputs: readonly View[], outputs: Step['outputs']): Step {
  const epilogue = { inputs: [], body: [], results: outputs.map(() => 0) };
  return { kind: 'map', inputs, outputs, attributes: {}, epilogue, after: [], origin: [] };
}

const whole = (tensor: number) => contiguous(tensor, [4, 4]);
const half = (tensor: number, at: number) => narrow(whole(tensor), 1, 2 * at, 2);

describe('dependences', () => {
  it('are read after write, write after read and write after write', () => {
    expect(dependences([map([whole(0)], [whole(1)]), map([whole(1)], [whole(2)])])).toEqual([[], [0]]);
    expect(dependences([map([whole(0)], [whole(1)]), map([whole(2)], [whole(0)])])).toEqual([[], [0]]);
    expect(dependences([map([whole(0)], [whole(1)]), map([whole(2)], [whole(1)])])).toEqual([[], [0]]);
  });

  it('are none between disjoint parts of one tensor, strided ones included', () => {
    const steps = [map([half(0, 0)], [half(1, 0)]), map([half(0, 1)], [half(1, 1)]), map([whole(1)], [whole(2)])];
    expect(dependences(steps)).toEqual([[], [], [0, 1]]);
  });

  it('include the indices of rows, and any row that may be written', () => {
    const rows = { axis: 0, indices: contiguous(5, [1]) };
    const write = map([contiguous(0, [1, 4])], [{ ...whole(1), rows }]);
    const makeIndices = map([contiguous(6, [1])], [contiguous(5, [1])]);
    expect(dependences([makeIndices, write, map([whole(1)], [whole(2)])])).toEqual([[], [0], [1]]);
  });

  it('are the transitive reduction of all conflicts', () => {
    fc.assert(
      fc.property(randomModules, ({ steps }) => {
        const direct = dependences(steps);
        const ancestors: Set<number>[] = [];
        for (const [at, own] of direct.entries()) {
          ancestors.push(new Set(own.flatMap((earlier) => [earlier, ...ancestors[earlier]!])));
          const beyond = new Set(own.flatMap((earlier) => [...ancestors[earlier]!]));
          expect(own.some((earlier) => beyond.has(earlier))).toBe(false);
          for (let earlier = 0; earlier < at; earlier++) {
            const isConflict = conflicts(accessesOf(steps[earlier]!), accessesOf(steps[at]!));
            if (isConflict) expect(ancestors[at]!.has(earlier)).toBe(true);
            if (own.includes(earlier)) expect(isConflict).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('unorderedPair', () => {
  it('finds a dependence that `after` leaves open, and accepts one that holds by way of others', () => {
    const chain = [map([whole(0)], [whole(1)]), map([whole(1)], [whole(2)]), map([whole(1), whole(2)], [whole(3)])];
    const after = (...lists: number[][]) => chain.map((step, at) => ({ ...step, after: lists[at]! }));
    expect(unorderedPair(after([], [0], [1]))).toBeUndefined();
    expect(unorderedPair(after([], [0], [0]))).toEqual({ earlier: 1, later: 2 });
  });
});
