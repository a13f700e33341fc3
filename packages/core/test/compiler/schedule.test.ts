import type { Module, Step } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessesOf, conflicts } from '../../src/compiler/dependences.js';
import { peakLiveBytes, schedule } from '../../src/compiler/schedule.js';
import { contiguous } from '../../src/compiler/views.js';
import { randomModules } from './random-module.js';

/** Steps that each read and write whole vectors of so many floats; tensor 0 is an input, the last an output. */
function moduleOf(sizes: readonly number[], steps: readonly (readonly [reads: number[], write: number])[]): Module {
  const view = (tensor: number) => contiguous(tensor, [sizes[tensor]!]);
  return {
    tensors: sizes.map((size, tensor) => ({
      type: 'float32',
      shape: [size],
      origin:
        tensor === 0
          ? { kind: 'input', name: 'x' }
          : tensor === sizes.length - 1
            ? { kind: 'output', name: 'y' }
            : { kind: 'temporary' },
    })),
    steps: steps.map(
      ([reads, write]): Step => ({
        kind: 'custom',
        inputs: reads.map(view),
        outputs: [view(write)],
        attributes: {},
        after: [],
        origin: [`${write}`],
        body: [],
      }),
    ),
  };
}

describe('schedule', () => {
  it('finishes one branch before it starts the next, where that keeps less alive', () => {
    const large = 1000;
    // Three branches x → large → small that are written breadth first.
    const module = moduleOf(
      [1, large, large, large, 1, 1, 1, 1],
      [
        [[0], 1],
        [[0], 2],
        [[0], 3],
        [[1], 4],
        [[2], 5],
        [[3], 6],
        [[4, 5, 6], 7],
      ],
    );
    expect(peakLiveBytes(module)).toBeGreaterThan(3 * 4 * large);
    expect(peakLiveBytes(schedule(module))).toBeLessThan(1.1 * 4 * large);
  });

  it('leaves an order alone that is as good as any', () => {
    const module = moduleOf(
      [1, 10, 10, 1],
      [
        [[0], 1],
        [[1], 2],
        [[2], 3],
      ],
    );
    expect(schedule(module)).toBe(module);
  });

  it('never needs more than the given order, and keeps the order of all that conflicts', () => {
    fc.assert(
      fc.property(randomModules, (module) => {
        const scheduled = schedule(module);
        expect(peakLiveBytes(scheduled)).toBeLessThanOrEqual(peakLiveBytes(module));
        expect(new Set(scheduled.steps)).toEqual(new Set(module.steps));
        const position = new Map(scheduled.steps.map((step, at) => [step, at]));
        for (const [later, step] of module.steps.entries()) {
          for (const earlier of module.steps.slice(0, later)) {
            if (conflicts(accessesOf(earlier), accessesOf(step))) {
              expect(position.get(earlier)!).toBeLessThan(position.get(step)!);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
