import type { View } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewsOverlap } from '../../src/compiler/view-overlap.js';
import {
  broadcast,
  coalesce,
  compose,
  contiguous,
  elementCount,
  insertAxis,
  isContiguous,
  isInjective,
  narrow,
  reshape,
  reverse,
  sameView,
  slice,
  transpose,
  viewRange,
} from '../../src/compiler/views.js';

/** All indices of a shape in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) => prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, at) => [...prefix, at])),
    [[]],
  );
}

/** The elements of the tensor that a view touches, in its row-major order: the definition of a view. */
function elements(view: View): number[] {
  return indices(view.shape).map((index) =>
    index.reduce((sum, at, axis) => sum + at * view.strides[axis]!, view.offset),
  );
}

function at(view: View, index: readonly number[]): number {
  return index.reduce((sum, position, axis) => sum + position * view.strides[axis]!, view.offset);
}

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });

function permutations(rank: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: rank }, (_, axis) => axis),
    { minLength: rank, maxLength: rank },
  );
}

type Change = (view: View) => fc.Arbitrary<View>;

const changes: Record<string, Change> = {
  transpose: (view) => permutations(view.shape.length).map((permutation) => transpose(view, permutation)),
  slice: (view) =>
    fc
      .tuple(
        ...view.shape.map((extent) =>
          fc.tuple(fc.nat(Math.max(0, extent - 1)), fc.integer({ min: 1, max: 3 }), fc.nat(4)),
        ),
      )
      .map((along) => {
        const sizes = along.map(([start, step, size], axis) =>
          Math.min(size, Math.max(0, Math.ceil((view.shape[axis]! - start) / step))),
        );
        return slice(
          view,
          along.map(([start]) => start),
          sizes,
          along.map(([, step]) => step),
        );
      }),
  reverse: (view) => fc.subarray(view.shape.map((_, axis) => axis)).map((axes) => reverse(view, axes)),
  insertAxis: (view) =>
    view.shape.length >= 5
      ? fc.constant(view)
      : fc.tuple(fc.nat(view.shape.length), fc.nat(3)).map(([axis, extent]) => insertAxis(view, axis, extent)),
};

/** Any view that a chain of layout operators makes of a dense tensor. */
const views: fc.Arbitrary<View> = fc
  .tuple(shapes, fc.array(fc.constantFrom(...Object.keys(changes)), { maxLength: 4 }))
  .chain(([shape, names]) =>
    names.reduce<fc.Arbitrary<View>>(
      (made, name) => made.chain((view) => changes[name]!(view)),
      fc.constant(contiguous(0, shape)),
    ),
  );

/** Shapes with the same number of elements. */
function factorizations(count: number): fc.Arbitrary<number[]> {
  if (count === 0) return shapes.filter((shape) => elementCount(shape) === 0);
  return fc.array(fc.nat(30), { maxLength: 4 }).map((choices) => {
    let rest = count;
    const shape = choices.map((choice) => {
      const divisors = Array.from({ length: rest }, (_, index) => index + 1).filter((divisor) => rest % divisor === 0);
      const divisor = divisors[choice % divisors.length]!;
      rest /= divisor;
      return divisor;
    });
    return [...shape, rest];
  });
}

describe('views of a dense tensor', () => {
  it('read row-major order when nothing was changed', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(elements(contiguous(0, shape))).toEqual(
          Array.from({ length: elementCount(shape) }, (_, index) => index),
        );
      }),
    );
  });

  it('transpose: axis i of the result is axis permutation[i]', () => {
    fc.assert(
      fc.property(
        views.chain((view) => fc.tuple(fc.constant(view), permutations(view.shape.length))),
        ([view, permutation]) => {
          const result = transpose(view, permutation);
          for (const index of indices(result.shape)) {
            const source = new Array<number>(index.length);
            for (const [position, axis] of permutation.entries()) source[axis] = index[position]!;
            expect(at(result, index)).toBe(at(view, source));
          }
        },
      ),
    );
  });

  it('slice: takes every step-th element from start on', () => {
    const view = contiguous(0, [4, 5]);
    expect(elements(slice(view, [1, 0], [2, 3], [2, 2]))).toEqual([5, 7, 9, 15, 17, 19]);
    expect(elements(slice(view, [3, 4], [2, 2], [-1, -3]))).toEqual([19, 16, 14, 11]);
    expect(elements(narrow(view, 1, 1, 2))).toEqual([1, 2, 6, 7, 11, 12, 16, 17]);
    expect(slice(view, [4, 0], [0, 5]).offset).toBe(0);
  });

  it('reverse: gives the elements last first', () => {
    fc.assert(
      fc.property(
        views.chain((view) => fc.tuple(fc.constant(view), fc.subarray(view.shape.map((_, axis) => axis)))),
        ([view, axes]) => {
          const result = reverse(view, axes);
          for (const index of indices(result.shape)) {
            const source = index.map((position, axis) =>
              axes.includes(axis) ? view.shape[axis]! - 1 - position : position,
            );
            expect(at(result, index)).toBe(at(view, source));
          }
        },
      ),
    );
  });

  it('broadcast: aligns at the last axis and repeats what has extent 1', () => {
    const repeats = views
      .filter((view) => view.shape.length <= 4)
      .chain((view) =>
        fc.tuple(
          fc.constant(view),
          fc.array(fc.nat(3), { maxLength: 5 - view.shape.length }),
          fc.tuple(...view.shape.map((extent) => (extent === 1 ? fc.nat(3) : fc.constant(extent)))),
        ),
      );
    fc.assert(
      fc.property(repeats, ([view, leading, trailing]) => {
        const result = broadcast(view, [...leading, ...trailing]);
        for (const index of indices(result.shape)) {
          const source = index.slice(leading.length).map((position, axis) => (view.shape[axis] === 1 ? 0 : position));
          expect(at(result, index)).toBe(at(view, source));
        }
      }),
    );
  });

  it('an axis put in repeats the elements along it', () => {
    fc.assert(
      fc.property(
        views.chain((view) => fc.tuple(fc.constant(view), fc.nat(view.shape.length), fc.nat(3))),
        ([view, axis, extent]) => {
          const result = insertAxis(view, axis, extent);
          expect(result.shape[axis]).toBe(extent);
          for (const index of indices(result.shape)) expect(at(result, index)).toBe(at(view, index.toSpliced(axis, 1)));
        },
      ),
    );
  });

  it('coalescing keeps the elements and their order, over no mergeable axes', () => {
    fc.assert(
      fc.property(views, (view) => {
        const result = coalesce(view);
        expect(elements(result)).toEqual(elements(view));
        expect(coalesce(result)).toEqual(result);
      }),
    );
  });

  it('knows the range of elements it touches', () => {
    fc.assert(
      fc.property(views, (view) => {
        const touched = elements(view);
        const expected =
          touched.length === 0 ? undefined : { lowest: Math.min(...touched), highest: Math.max(...touched) };
        expect(viewRange(view)).toEqual(expected);
      }),
    );
  });

  it('knows whether it is contiguous', () => {
    fc.assert(
      fc.property(views, (view) => {
        const touched = elements(view);
        expect(isContiguous(view)).toBe(touched.every((element, index) => element === touched[0]! + index));
      }),
    );
  });

  it('is injective only if no element occurs twice', () => {
    fc.assert(
      fc.property(views, (view) => {
        const touched = elements(view);
        if (isInjective(view)) expect(new Set(touched).size).toBe(touched.length);
      }),
    );
    expect(isInjective(transpose(contiguous(0, [3, 4, 5]), [2, 0, 1]))).toBe(true);
    expect(isInjective(broadcast(contiguous(0, [3]), [2, 3]))).toBe(false);
  });

  it('equals another view if both read the same elements at each index', () => {
    fc.assert(
      fc.property(views, views, (a, b) => {
        if (a.shape.length !== b.shape.length || a.shape.some((extent, axis) => extent !== b.shape[axis])) {
          expect(sameView(a, b)).toBe(false);
        } else {
          expect(sameView(a, b)).toBe(elements(a).every((element, index) => element === elements(b)[index]));
        }
        expect(sameView(a, { ...a, tensor: a.tensor + 1 })).toBe(false);
      }),
    );
  });
});

describe('reshape of a view', () => {
  const reshapes = views.chain((view) => fc.tuple(fc.constant(view), factorizations(elementCount(view.shape))));

  it('keeps the elements and their order wherever it gives a view', () => {
    fc.assert(
      fc.property(reshapes, ([view, shape]) => {
        const result = reshape(view, shape);
        if (!result) return;
        expect(result.shape).toEqual(shape);
        expect(elements(result)).toEqual(elements(view));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives a view whenever strides exist that say it', () => {
    fc.assert(
      fc.property(reshapes, ([view, shape]) => {
        const wanted = elements(view);
        if (wanted.length === 0) {
          expect(reshape(view, shape)).toBeDefined();
          return;
        }
        const dense = contiguous(0, shape).strides;
        const strides = shape.map((extent, axis) => (extent === 1 ? 0 : wanted[dense[axis]!]! - wanted[0]!));
        const candidate = { tensor: 0, offset: wanted[0]!, shape, strides };
        const exists = elements(candidate).every((element, index) => element === wanted[index]);
        expect(reshape(view, shape) !== undefined).toBe(exists);
      }),
      { numRuns: 1000 },
    );
  });

  it('splits a transposed axis but cannot merge across a transposition', () => {
    const view = transpose(contiguous(0, [4, 6]), [1, 0]);
    expect(reshape(view, [2, 3, 4])).toEqual({ tensor: 0, offset: 0, shape: [2, 3, 4], strides: [3, 1, 6] });
    expect(reshape(view, [24])).toBeUndefined();
  });
});

describe('a view of a view', () => {
  it('reads through both wherever it can be said in strides', () => {
    const pairs = views.chain((outer) =>
      fc.array(fc.constantFrom(...Object.keys(changes)), { maxLength: 3 }).chain((names) =>
        fc.tuple(
          fc.constant(outer),
          names.reduce<fc.Arbitrary<View>>(
            (made, name) => made.chain((view) => changes[name]!(view)),
            fc.constant(contiguous(0, outer.shape)),
          ),
        ),
      ),
    );
    fc.assert(
      fc.property(pairs, ([outer, inner]) => {
        const through = elements(outer);
        const result = compose(inner, outer);
        // The layout operators are closed under composition, so a view must exist.
        expect(result).toBeDefined();
        expect(elements(result!)).toEqual(elements(inner).map((element) => through[element]));
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused where no strides can say it', () => {
    const outer = slice(contiguous(0, [4, 4]), [0, 0], [4, 2]);
    expect(compose(contiguous(0, [8]), outer)).toBeUndefined();
  });
});

describe('overlap of two views', () => {
  it('is exactly that a common element exists', () => {
    fc.assert(
      fc.property(views, views, fc.integer({ min: -3, max: 3 }), (a, b, shift) => {
        const moved = { ...b, offset: b.offset + shift };
        const touched = new Set(elements(a));
        expect(viewsOverlap(a, moved)).toBe(elements(moved).some((element) => touched.has(element)));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the halves and the interleaved pairs of a rotary embedding apart', () => {
    const heads = contiguous(0, [128, 9, 64]);
    expect(viewsOverlap(narrow(heads, 2, 0, 32), narrow(heads, 2, 32, 32))).toBe(false);
    expect(viewsOverlap(narrow(heads, 2, 0, 32, 2), narrow(heads, 2, 1, 32, 2))).toBe(false);
    expect(viewsOverlap(narrow(heads, 2, 0, 33), narrow(heads, 2, 32, 32))).toBe(true);
  });

  it('never happens between different tensors', () => {
    expect(viewsOverlap(contiguous(0, [4]), contiguous(1, [4]))).toBe(false);
  });
});
