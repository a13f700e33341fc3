import type { ElementType } from '@halyard/core';
import { anyShape, elementTypes } from './elementwise.js';
import type { GraphWorkshop } from './workshop.js';

const some = (workshop: GraphWorkshop, least = 0) =>
  workshop.some(elementTypes, ({ length }) => length >= least, anyShape(workshop, least));

const count = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function transpose(workshop: GraphWorkshop): void {
  const x = some(workshop);
  const permutation = workshop.random.shuffle(x.shape.map((_, axis) => axis));
  workshop.made(workshop.builder.transpose(x, { permutation }));
}

function reshape(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop);
  const factors = x.shape.flatMap((extent) => {
    const divisors = [1, 2, 3, 4].filter((divisor) => extent > 0 && extent % divisor === 0);
    if (divisors.length === 0) return [extent];
    const divisor = random.pick(divisors);
    return [extent / divisor, divisor];
  });
  const merged: number[] = [];
  for (const factor of factors) {
    if (merged.length > 0 && (merged.length >= 5 || random.chance(0.4))) merged[merged.length - 1]! *= factor;
    else merged.push(factor);
  }
  const newShape = count(x.shape) === 1 && random.chance(0.3) ? [] : merged;
  workshop.made(builder.reshape(x, newShape));
}

function expand(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop);
  if (count(x.shape) > 60) return;
  const inner = x.shape.map((extent) => (extent === 1 ? random.pick([1, 2, 5]) : extent));
  const newShape = inner.length < 5 && random.chance(0.4) ? [random.pick([1, 2, 3]), ...inner] : inner;
  workshop.made(builder.expand(x, newShape));
}

function slice(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop);
  const starts = x.shape.map((extent) => random.integer(0, Math.max(0, extent - 1)));
  const sizes = x.shape.map((extent, axis) =>
    random.integer(Math.min(1, extent - starts[axis]!), extent - starts[axis]!),
  );
  const strides = x.shape.map(() => random.pick([1, 1, 2, 3]));
  workshop.made(builder.slice(x, starts, sizes, { strides }));
}

function split(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop, 1);
  const axis = random.integer(0, x.shape.length - 1);
  const first = random.integer(0, x.shape[axis]!);
  workshop.made(...builder.split(x, [first, x.shape[axis]! - first], { axis }));
}

function reverse(workshop: GraphWorkshop): void {
  const x = some(workshop);
  const axes = x.shape.flatMap((_, axis) => (workshop.random.chance(0.5) ? [axis] : []));
  workshop.made(workshop.builder.reverse(x, { axes }));
}

function concat(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop, 1);
  const axis = random.integer(0, x.shape.length - 1);
  const others = Array.from({ length: random.integer(0, 2) }, () => {
    const extent = random.pick([x.shape[axis]!, 1, 2, 0]);
    return workshop.exactly(x.dataType as ElementType, x.shape.with(axis, extent));
  });
  workshop.made(builder.concat(random.shuffle([x, ...others]), axis));
}

function pad(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop);
  const mode = x.shape.includes(0) ? 'constant' : random.pick(['constant', 'constant', 'edge', 'reflection'] as const);
  const padding = () => x.shape.map((extent) => random.integer(0, mode === 'reflection' ? Math.min(2, extent - 1) : 2));
  workshop.made(builder.pad(x, padding(), padding(), { mode, value: random.integer(0, 3) }));
}

function tile(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = some(workshop);
  if (count(x.shape) > 40) return;
  workshop.made(
    builder.tile(
      x,
      x.shape.map(() => random.pick([1, 1, 2, 3])),
    ),
  );
}

export const layoutGenerators = [transpose, reshape, expand, slice, split, reverse, concat, pad, tile];
