import { byteLength, type Module, type Program } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readsOf } from '../../src/compiler/accesses.js';
import { fuse } from '../../src/compiler/fuse/index.js';
import { lower } from '../../src/compiler/lower.js';
import { contiguous, transpose } from '../../src/compiler/views.js';
import { anyDevice } from './devices.js';
import { randomModules } from './random-module.js';

const { limits } = anyDevice().adapter;

const apply = (op: 'neg' | 'exp', ...more: number[]) => ({
  inputs: [],
  body: [{ op, arguments: [0], dataType: 'float32' as const }],
  results: [1, ...more],
});

/** x → neg → exp → y, over a square; the second map reads the first one's result as it is or transposed. */
function chain(isTransposed: boolean): Module {
  const shape = [64, 64];
  const whole = (tensor: number) => contiguous(tensor, shape);
  const step = (from: number, to: number, turned = false) => ({
    kind: 'map',
    inputs: [turned ? transpose(whole(from), [1, 0]) : whole(from)],
    outputs: [whole(to)],
    attributes: {},
    epilogue: apply('neg'),
    after: [],
    origin: [],
  });
  return {
    tensors: [
      { type: 'float32', shape, origin: { kind: 'input', name: 'x' } },
      { type: 'float32', shape, origin: { kind: 'temporary' } },
      { type: 'float32', shape, origin: { kind: 'temporary' } },
      { type: 'float32', shape, origin: { kind: 'output', name: 'y' } },
    ],
    steps: [step(0, 1), step(1, 2, isTransposed), step(2, 3)],
  };
}

/** First and last step that touch each tensor of the workspace. */
function lives({ tensors, steps }: Program): Map<number, { first: number; last: number }> {
  const found = new Map<number, { first: number; last: number }>();
  for (const [at, step] of steps.entries()) {
    for (const { tensor } of [...readsOf(step), ...step.outputs]) {
      if (tensors[tensor]!.at !== 'workspace') continue;
      found.set(tensor, { first: found.get(tensor)?.first ?? at, last: at });
    }
  }
  return found;
}

describe('lower', () => {
  it('computes in place where an operand dies in a map through the identical view', () => {
    const { program, memory } = lower(chain(false), limits);
    expect(program.workspaceBytes).toBe(64 * 64 * 4);
    expect(memory.naiveBytes).toBe(2 * 64 * 64 * 4);
  });

  it('does not compute in place through another view, nor for a device that does not do that', () => {
    expect(lower(chain(true), limits).program.workspaceBytes).toBe(2 * 64 * 64 * 4);
    expect(lower(chain(false), { ...limits, inPlace: false }).program.workspaceBytes).toBe(2 * 64 * 64 * 4);
  });

  it('lets a step wait for the one whose memory it reuses', () => {
    const shape = [256];
    const whole = (tensor: number) => contiguous(tensor, shape);
    const map = (from: number, to: number) => ({
      kind: 'map',
      inputs: [whole(from)],
      outputs: [whole(to)],
      attributes: {},
      epilogue: apply('exp'),
      after: [],
      origin: [],
    });
    const module: Module = {
      tensors: [
        { type: 'float32', shape, origin: { kind: 'input', name: 'x' } },
        { type: 'float32', shape, origin: { kind: 'temporary' } },
        { type: 'float32', shape, origin: { kind: 'output', name: 'y' } },
        { type: 'float32', shape, origin: { kind: 'temporary' } },
        { type: 'float32', shape, origin: { kind: 'output', name: 'z' } },
      ],
      steps: [map(0, 1), map(1, 2), map(0, 3), map(3, 4)],
    };
    const { program } = lower(module, limits);
    expect(program.workspaceBytes).toBe(1024);
    expect(program.steps.map(({ after }) => after)).toEqual([[], [0], [1], [2]]);
  });

  it('never lets two temporaries that live at the same time overlap, unless one takes the place of the other', () => {
    fc.assert(
      fc.property(randomModules, fc.boolean(), fc.constantFrom(64, 256), (module, inPlace, alignment) => {
        const target = { limits, supports: () => true as const };
        const { program } = lower(fuse(module, target), { ...limits, inPlace, alignment });
        const found = [...lives(program)];
        for (const [a, own] of found) {
          const tensor = program.tensors[a]!;
          const end = tensor.offset + byteLength(tensor.type, tensor.shape);
          expect(tensor.offset % alignment).toBe(0);
          expect(end).toBeLessThanOrEqual(program.workspaceBytes);
          for (const [b, other] of found) {
            const neighbour = program.tensors[b]!;
            const meets =
              neighbour.offset < end && tensor.offset < neighbour.offset + byteLength(neighbour.type, neighbour.shape);
            if (a === b || !meets || own.first > other.last || other.first > own.last) continue;
            // In place: the operand's last step is the result's first.
            expect(inPlace && (own.last === other.first || other.last === own.first)).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('binds equal constants once and leaves out what no step names', () => {
    const data = new Uint8Array(16);
    const constant = { kind: 'constant' as const, source: { fingerprint: 'zeros', parts: [{ data }] } };
    const map = (from: number, to: number) => ({
      kind: 'map',
      inputs: [contiguous(from, [4])],
      outputs: [contiguous(to, [4])],
      attributes: {},
      epilogue: apply('exp'),
      after: [],
      origin: [],
    });
    const module: Module = {
      tensors: [
        { type: 'float32', shape: [4], origin: constant },
        { type: 'float32', shape: [4], origin: constant },
        { type: 'float32', shape: [9], origin: { kind: 'input', name: 'unused' } },
        { type: 'float32', shape: [4], origin: { kind: 'output', name: 'y' } },
        { type: 'float32', shape: [4], origin: { kind: 'output', name: 'z' } },
      ],
      steps: [map(0, 3), map(1, 4)],
    };
    const { program, constants } = lower(module, limits);
    expect(program.bindings).toEqual([
      { role: 'constant', fingerprint: 'zeros', bytes: 16 },
      { role: 'output', name: 'y', bytes: 16 },
      { role: 'output', name: 'z', bytes: 16 },
    ]);
    expect(Object.keys(constants)).toEqual(['zeros']);
  });
});
