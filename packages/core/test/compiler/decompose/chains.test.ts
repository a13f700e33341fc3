import type { MLGraphBuilder, MLOperand } from '@halyard/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../graph/record.js';
import { evaluateGraph } from './evaluate.js';

/** A tensor as plain values in row-major order. */
interface Plain {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function indexAt(shape: readonly number[], place: number): number[] {
  const index: number[] = [];
  let rest = place;
  for (const extent of shape.toReversed()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}

/** The element at an index. */
function at({ shape, values }: Plain, index: readonly number[]): number {
  return values[index.reduce((place, position, axis) => place * shape[axis]! + position, 0)]!;
}

/** A tensor of `shape` whose elements are found in another by their index. */
function filled(shape: readonly number[], element: (index: readonly number[]) => number): Plain {
  return { shape, values: Array.from({ length: count(shape) }, (_, place) => element(indexAt(shape, place))) };
}

/** One operator: on the graph, and by its definition on plain values. */
interface Link {
  readonly build: (builder: MLGraphBuilder, x: MLOperand) => MLOperand;
  readonly define: (x: Plain) => Plain;
}

type Choices = readonly number[];

/** Made of any whole numbers, so that every choice fits the shape. */
const links: Record<string, (shape: readonly number[], choices: Choices) => Link> = {
  transpose: (shape, choices) => {
    const permutation = shape.map((_, axis) => axis).sort((a, b) => choices[a]! - choices[b]! || a - b);
    return {
      build: (builder, x) => builder.transpose(x, { permutation }),
      define: (x) =>
        filled(
          permutation.map((axis) => shape[axis]!),
          (index) =>
            at(
              x,
              shape.map((_, axis) => index[permutation.indexOf(axis)]!),
            ),
        ),
    };
  },
  slice: (shape, choices) => {
    const starts = shape.map((extent, axis) => choices[axis]! % Math.max(extent, 1));
    const sizes = shape.map((extent, axis) => Math.min(extent, extent - starts[axis]!));
    const strides = shape.map((_, axis) => 1 + (choices[axis]! % 3));
    return {
      build: (builder, x) => builder.slice(x, starts, sizes, { strides }),
      define: (x) =>
        filled(
          sizes.map((size, axis) => Math.ceil(size / strides[axis]!)),
          (index) =>
            at(
              x,
              index.map((position, axis) => starts[axis]! + position * strides[axis]!),
            ),
        ),
    };
  },
  reverse: (shape, choices) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => choices[axis]! % 2 === 0);
    return {
      build: (builder, x) => builder.reverse(x, { axes }),
      define: (x) =>
        filled(shape, (index) =>
          at(
            x,
            index.map((position, axis) => (axes.includes(axis) ? shape[axis]! - 1 - position : position)),
          ),
        ),
    };
  },
  reshape: (shape, choices) => {
    const merged = choices[0]! % 2 === 0 ? [count(shape)] : [...shape.slice(0, -2), count(shape.slice(-2))];
    const last = merged.at(-1)!;
    const divisor = [3, 2, 1].find((factor) => last % factor === 0)!;
    const newShape = [...merged.slice(0, -1), divisor, last / divisor];
    return {
      build: (builder, x) => builder.reshape(x, newShape),
      define: ({ values }) => ({ shape: newShape, values }),
    };
  },
  expand: (shape, choices) => {
    const newShape = [1 + (choices[0]! % 2), ...shape.map((extent) => (extent === 1 ? 1 + (choices[1]! % 3) : extent))];
    return {
      build: (builder, x) => builder.expand(x, newShape),
      define: (x) =>
        filled(newShape, (index) =>
          at(
            x,
            shape.map((extent, axis) => (extent === 1 ? 0 : index[axis + 1]!)),
          ),
        ),
    };
  },
  concat: (shape, choices) => {
    const axis = choices[0]! % Math.max(shape.length, 1);
    if (shape.length === 0) return links.expand!(shape, choices);
    return {
      build: (builder, x) => builder.concat([x, builder.neg(x), x], axis),
      define: (x) =>
        filled(shape.with(axis, shape[axis]! * 3), (index) => {
          const element = at(x, index.with(axis, index[axis]! % shape[axis]!));
          return Math.floor(index[axis]! / shape[axis]!) === 1 ? -element : element;
        }),
    };
  },
  pad: (shape, choices) => {
    const mode = (['constant', 'edge', 'reflection'] as const)[choices[5]! % 3]!;
    const most = (extent: number) =>
      mode === 'reflection' ? Math.max(extent - 1, 0) : mode === 'edge' && extent === 0 ? 0 : 2;
    const before = shape.map((extent, axis) => Math.min(choices[axis]! % 3, most(extent)));
    const after = shape.map((extent, axis) => Math.min(choices[axis + 1]! % 3, most(extent)));
    return {
      build: (builder, x) => builder.pad(x, before, after, { mode, value: 7 }),
      define: (x) =>
        filled(
          shape.map((extent, axis) => before[axis]! + extent + after[axis]!),
          (index) => {
            const source = index.map((position, axis) => {
              const inner = position - before[axis]!;
              const end = shape[axis]! - 1;
              if (mode === 'edge') return Math.max(0, Math.min(inner, end));
              if (mode === 'reflection') return inner < 0 ? -inner : inner > end ? 2 * end - inner : inner;
              return inner;
            });
            return source.some((position, axis) => position < 0 || position >= shape[axis]!) ? 7 : at(x, source);
          },
        ),
    };
  },
  tile: (shape, choices) => {
    const repetitions = shape.map((_, axis) => choices[axis]! % 3);
    return {
      build: (builder, x) => builder.tile(x, repetitions),
      define: (x) =>
        filled(
          shape.map((extent, axis) => extent * repetitions[axis]!),
          (index) =>
            at(
              x,
              index.map((position, axis) => position % shape[axis]!),
            ),
        ),
    };
  },
  sum: (shape, choices) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => choices[axis]! % 3 === 0);
    return {
      build: (builder, x) => builder.reduceSum(x, { axes }),
      define: (x) => {
        const isKept = (axis: number) => !axes.includes(axis);
        const reduced = axes.map((axis) => shape[axis]!);
        return filled(
          shape.filter((_, axis) => isKept(axis)),
          (index) =>
            filled(reduced, (inner) => {
              const [outer, within] = [[...index], [...inner]];
              return at(
                x,
                shape.map((_, axis) => (isKept(axis) ? outer.shift()! : within.shift()!)),
              );
            }).values.reduce((a, b) => a + b, 0),
        );
      },
    };
  },
};

describe('any chain of operators that arrange elements', () => {
  it('gives what their definitions give, element by element', async () => {
    const chain = fc.array(
      fc.tuple(fc.constantFrom(...Object.keys(links)), fc.array(fc.nat(99), { minLength: 8, maxLength: 8 })),
      { minLength: 1, maxLength: 6 },
    );
    const start = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(start, chain, async (shape, chosen) => {
        let expected: Plain = { shape, values: Array.from({ length: count(shape) }, (_, place) => place + 1) };
        const graph = await record((builder) => {
          let operand = builder.input('x', { dataType: 'float32', shape });
          for (const [name, choices] of chosen) {
            // Chains that repeat themselves grow fast, in rank and in size.
            if (expected.shape.length > 5 || expected.values.length > 400) break;
            const link = links[name]!(expected.shape, choices);
            operand = link.build(builder, operand);
            expected = link.define(expected);
            expect(operand.shape).toEqual(expected.shape);
          }
          return { y: builder.identity(operand) };
        });
        const { outputs } = evaluateGraph(graph, { x: Array.from({ length: count(shape) }, (_, place) => place + 1) });
        expect(outputs.y!.map((value) => Number(value) + 0)).toEqual(expected.values.map((value) => value + 0));
        if (expected.values.length > 0) compared++;
      }),
      { numRuns: 1500 },
    );
    // Otherwise most of what was generated would have been empty.
    expect(compared).toBeGreaterThan(500);
  });
});
