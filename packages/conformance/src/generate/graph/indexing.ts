import type { ElementType } from '@halyard/core';
import { randomShape } from '../views.js';
import { elementTypes } from './elementwise.js';
import type { GraphWorkshop } from './workshop.js';

const full = (shape: readonly number[]): boolean => shape.length >= 1 && !shape.includes(0);

function source(workshop: GraphWorkshop, types: readonly ElementType[] = elementTypes) {
  const { random } = workshop;
  return workshop.some(types, full, () =>
    randomShape(random, { least: 1, most: 4, elements: 100 }).map((extent) => Math.max(extent, 1)),
  );
}

function indices(workshop: GraphWorkshop, shape: readonly number[], extentOf: (place: number) => number) {
  const { random } = workshop;
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = Array.from({ length: count }, (_, place) => {
    const extent = extentOf(place);
    return random.chance(0.05) ? random.integer(-2 * extent, 2 * extent) : random.integer(-extent, extent - 1);
  });
  return workshop.given(random.pick(['int32', 'int64'] as const), shape, values);
}

function gather(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const axis = random.integer(0, x.shape.length - 1);
  const most = Math.max(0, 6 - x.shape.length);
  const shape = randomShape(random, { most: Math.min(2, most), elements: 6 });
  workshop.made(
    builder.gather(
      x,
      indices(workshop, shape, () => x.shape[axis]!),
      { axis },
    ),
  );
}

function gatherElements(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const axis = random.integer(0, x.shape.length - 1);
  const shape = x.shape.with(axis, random.integer(0, 4));
  workshop.made(
    builder.gatherElements(
      x,
      indices(workshop, shape, () => x.shape[axis]!),
      { axis },
    ),
  );
}

function gatherND(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const depth = random.integer(1, x.shape.length);
  const shape = [...randomShape(random, { most: 1, elements: 5 }), depth];
  workshop.made(
    builder.gatherND(
      x,
      indices(workshop, shape, (place) => x.shape[place % depth]!),
    ),
  );
}

/** One index along each line: no two updates meet. */
function scatterElements(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const axis = random.integer(0, x.shape.length - 1);
  const shape = x.shape.with(axis, 1);
  const places = indices(workshop, shape, () => x.shape[axis]!);
  workshop.made(builder.scatterElements(x, places, workshop.exactly(x.dataType as ElementType, shape), { axis }));
}

function scatterND(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const depth = random.integer(1, x.shape.length);
  const places = indices(workshop, [1, depth], (place) => x.shape[place % depth]!);
  const updates = workshop.exactly(x.dataType as ElementType, [1, ...x.shape.slice(depth)]);
  workshop.made(builder.scatterND(x, places, updates));
}

function topK(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = source(workshop);
  const axis = random.integer(0, x.shape.length - 1);
  const k = random.integer(1, x.shape[axis]!);
  const options = { axis, largest: random.chance(0.6), outputDataType: random.pick(['int32', 'int64'] as const) };
  workshop.made(...builder.topK(x, k, options));
}

function oneHot(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(
    ['int32', 'int64', 'uint32'],
    ({ length }) => length < 5,
    () => randomShape(random, { most: 2, elements: 20 }),
  );
  if (x.shape.reduce((a, b) => a * b, 1) > 60) return;
  const axis = random.integer(0, x.shape.length);
  workshop.made(builder.oneHot(x, random.integer(1, 6), { axis, dataType: random.pick(elementTypes) }));
}

/** A state that is read and assigned: whole, or rows of it, each named once. */
function state(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const value = source(workshop);
  const type = value.dataType as ElementType;
  if (random.chance(0.4)) {
    const before = workshop.state(type, value.shape);
    const sum = builder.add(before, value);
    workshop.made(builder.assign(before, sum));
    return;
  }
  const axis = random.integer(0, value.shape.length - 1);
  const extent = value.shape[axis]!;
  const before = workshop.state(type, value.shape.with(axis, extent + 2));
  const rows = random.shuffle(Array.from({ length: extent + 3 }, (_, place) => place)).slice(0, extent);
  const after = builder.assign(before, value, { axis, rows: workshop.given('int32', [extent], rows) });
  workshop.made(after);
  if (random.chance(0.5)) workshop.made(builder.add(workshop.use(after), workshop.use(after)));
}

export const indexingGenerators = [gather, gatherElements, gatherND, scatterElements, scatterND, topK, oneHot, state];
