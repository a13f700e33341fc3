import type { Target, View } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf, covers, reindex, retarget } from '../../src/compiler/fuse/reindex.js';
import { contiguous, contiguousStrides, narrow, reverse, transpose } from '../../src/compiler/views.js';

/** All indices of a shape, in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (before, extent) => before.flatMap((index) => Array.from({ length: extent }, (_, at) => [...index, at])),
    [[]],
  );
}

function element(view: View, index: readonly number[]): number {
  return index.reduce((sum, at, axis) => sum + at * view.strides[axis]!, view.offset);
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** A view that writes each element of its part of a tensor once, in some order. */
const writers = shapes.chain((shape) =>
  fc
    .tuple(
      fc.shuffledSubarray([...shape.keys()], { minLength: shape.length, maxLength: shape.length }),
      fc.subarray([...shape.keys()]),
      fc.nat(3),
    )
    .map(([order, reversed, offset]): View => {
      const dense = contiguous(
        0,
        order.map((axis) => shape[axis]!),
        offset,
      );
      return reverse(
        transpose(
          dense,
          order.map((_, axis) => order.indexOf(axis)),
        ),
        reversed,
      );
    }),
);

const strides = (rank: number) => fc.array(fc.integer({ min: -12, max: 12 }), { minLength: rank, maxLength: rank });

const cases = writers.chain((through) =>
  fc.tuple(
    fc.constant(through),
    strides(through.shape.length).map((own): View => ({ tensor: 1, offset: 100, shape: through.shape, strides: own })),
    shapes.chain((shape) =>
      fc
        .tuple(fc.nat(40), fc.constantFrom('dense', 'any'))
        .chain(([offset, kind]) =>
          (kind === 'dense' ? fc.constant(contiguousStrides(shape)) : strides(shape.length)).map(
            (own): View => ({ tensor: 0, offset, shape, strides: own }),
          ),
        ),
    ),
  ),
);

describe('reindex', () => {
  it('reads at each index of the reader what lay at the index at which the writer wrote it', () => {
    let found = 0;
    fc.assert(
      fc.property(cases, ([through, view, reader]) => {
        const moved = reindex(through, view, reader);
        if (!moved) return;
        found++;
        const written = new Map(indices(through.shape).map((index) => [element(through, index), index]));
        for (const index of indices(reader.shape)) {
          const origin = written.get(element(reader, index));
          expect(origin).toBeDefined();
          expect(element(moved, index)).toBe(element(view, origin!));
        }
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(60);
  });

  it('says nothing where the reader reads what the writer did not write', () => {
    fc.assert(
      fc.property(cases, ([through, view, reader]) => {
        const written = new Set(indices(through.shape).map((index) => element(through, index)));
        if (indices(reader.shape).every((index) => written.has(element(reader, index)))) return;
        expect(reindex(through, view, reader)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('finds every transposed, sliced, reversed and broadcast reading of a dense tensor', () => {
    const through = contiguous(0, [2, 3, 4]);
    const view: View = { tensor: 1, offset: 7, shape: [2, 3, 4], strides: [1, 0, -2] };
    const readers = [
      transpose(through, [2, 0, 1]),
      narrow(through, 2, 1, 2),
      reverse(through, [0, 2]),
      { ...through, shape: [5, 2, 3, 4], strides: [0, ...through.strides] },
      contiguous(0, [2, 3, 2, 2]),
      contiguous(0, [1, 2, 3, 4]),
    ];
    for (const reader of readers) expect(reindex(through, view, reader)).toBeDefined();
  });

  it('cannot say a reshape across axes that lie apart', () => {
    const through = contiguous(0, [2, 3]);
    const turned: View = { tensor: 1, offset: 0, shape: [2, 3], strides: [1, 2] };
    expect(reindex(through, turned, contiguous(0, [6]))).toBeUndefined();
    expect(reindex(through, contiguous(1, [2, 3]), contiguous(0, [6]))).toEqual({
      tensor: 1,
      offset: 0,
      shape: [6],
      strides: [1],
    });
  });
});

describe('covers', () => {
  it('holds only where each written element is read once and no other', () => {
    fc.assert(
      fc.property(cases, ([through, , reader]) => {
        const written = indices(through.shape).map((index) => element(through, index));
        const read = indices(reader.shape).map((index) => element(reader, index));
        const isBijection = [...written].sort().join() === [...read].sort().join();
        if (covers(through, reader)) expect(isBijection).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('retarget', () => {
  it('moves rows along with their axis', () => {
    const through = contiguous(0, [5, 2, 8]);
    const reader = transpose(through, [1, 0, 2]);
    const rows = { axis: 1, indices: contiguous(2, [5]) };
    const target: Target = { tensor: 1, offset: 3, shape: [2, 16, 8], strides: [128, 8, 1], rows };
    expect(retarget(through, reader, target)).toEqual({
      tensor: 1,
      offset: 3,
      shape: [16, 2, 8],
      strides: [8, 128, 1],
      rows: { axis: 0, indices: rows.indices },
    });
  });

  it('refuses rows along an axis that the writer has merged with another', () => {
    const through = contiguous(0, [10]);
    const reader = contiguous(0, [2, 5]);
    const target: Target = {
      tensor: 1,
      offset: 0,
      shape: [2, 16],
      strides: [16, 1],
      rows: { axis: 1, indices: contiguous(2, [5]) },
    };
    expect(retarget(through, reader, target)).toBeUndefined();
  });
});

describe('axisOf', () => {
  it('follows an axis through a transposition and not through a slice', () => {
    const through = contiguous(0, [3, 4]);
    expect(axisOf(through, transpose(through, [1, 0]), 0)).toBe(1);
    expect(axisOf(through, narrow(through, 1, 1, 2), 1)).toBeUndefined();
  });
});
