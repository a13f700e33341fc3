import { type Operand, reference, type Step } from '@halyard/core';
import { wholeView } from './program-builder.js';
import type { Random } from './random.js';
import { addStep, operandOf } from './step-parts.js';
import { randomBytes } from './values.js';
import { randomShape, type Workshop } from './views.js';

type Form = 'rows' | 'elements' | 'nd';

/** Some within, some counted from the end, some outside. */
const randomIndex = (random: Random, extent: number): number =>
  random.chance(0.1) ? random.integer(-2 * extent - 2, 2 * extent + 2) : random.integer(-extent, extent - 1);

function bindIndices({ random, builder }: Workshop, values: readonly number[], shape: readonly number[]): Operand {
  const type = random.pick(['int32', 'int64'] as const);
  const array = type === 'int32' ? Int32Array.from(values) : BigInt64Array.from(values, BigInt);
  return wholeView(builder.bind('input', type, shape, new Uint8Array(array.buffer)), shape);
}

/** What the shape of indices may be, and of what they name, in a tensor. */
function indexing({ random }: Workshop, form: Form, axis: number, from: readonly number[]) {
  if (form === 'elements') {
    const shape = from.with(axis, random.integer(0, 6));
    return { shape, named: shape, extentOf: () => from[axis]! };
  }
  if (form === 'rows') {
    const shape = randomShape(random, { most: 2, elements: 12 });
    return { shape, named: [...from.slice(0, axis), ...shape, ...from.slice(axis + 1)], extentOf: () => from[axis]! };
  }
  const depth = random.integer(1, from.length);
  const tuples = randomShape(random, { most: 2, elements: 8 });
  return {
    shape: [...tuples, depth],
    named: [...tuples, ...from.slice(depth)],
    extentOf: (place: number) => from[place % depth]!,
  };
}

function randomFrom(workshop: Workshop): { form: Form; axis: number; from: number[] } {
  const { random } = workshop;
  // No index names anything in an axis without extent.
  const from = randomShape(random, { least: 1, most: 4, elements: 120 }).map((extent) => Math.max(extent, 1));
  return { form: random.pick(['rows', 'rows', 'elements', 'nd']), axis: random.integer(0, from.length - 1), from };
}

export function generateGather(workshop: Workshop): void {
  const { random } = workshop;
  const { form, axis, from } = randomFrom(workshop);
  const { shape, named, extentOf } = indexing(workshop, form, axis, from);
  const places = Array.from({ length: reference.elementCount(shape) }, (_, place) =>
    randomIndex(random, extentOf(place)),
  );
  const type = random.pick(workshop.types);
  const inputs = [operandOf(workshop, type, from).operand, bindIndices(workshop, places, shape)];
  addStep(workshop, { kind: 'gather', inputs, attributes: { form, axis } }, [type], named);
}

/** Into a state. What replaces names each place at most once, so that no order decides. */
export function generateScatter(workshop: Workshop): void {
  const { random, builder } = workshop;
  const { form, axis, from } = randomFrom(workshop);
  const { shape, named, extentOf } = indexing(workshop, form, axis, from);
  const type = random.pick(workshop.types);
  const combine = random.pick(['replace', 'replace', 'add', 'mul', 'min', 'max'] as const);
  const outOfRange = random.pick(['drop', 'clamp'] as const);
  const count = reference.elementCount(shape);
  const isUnique = combine === 'replace';
  const place = isUnique && form === 'rows' ? uniquePlaces(random, count, from[axis]!) : undefined;
  if (isUnique && (form !== 'rows' || !place)) {
    generateScatterOnce(workshop, type);
    return;
  }
  const places = place ?? Array.from({ length: count }, (_, index) => randomIndex(random, extentOf(index)));
  const state = builder.bind('state', type, from, randomBytes(random, type, from, workshop.flavour));
  const attributes: Step<'scatter'>['attributes'] = { form, axis, combine, outOfRange: place ? 'drop' : outOfRange };
  builder.step({
    kind: 'scatter',
    inputs: [bindIndices(workshop, places, shape), operandOf(workshop, type, named).operand],
    outputs: [wholeView(state, from)],
    attributes,
  });
}

/** Different places of an axis, one of them perhaps outside; `undefined` if there are not enough. */
function uniquePlaces(random: Random, count: number, extent: number): number[] | undefined {
  const places = Array.from({ length: extent + 1 }, (_, place) =>
    random.chance(0.2) && place < extent ? place - extent : place,
  );
  return count <= places.length ? random.shuffle(places).slice(0, count) : undefined;
}

/** One row of one axis is replaced. */
function generateScatterOnce(workshop: Workshop, type: Workshop['types'][number]): void {
  const { random, builder } = workshop;
  const extent = random.integer(1, 9);
  const width = random.pick([1, 3, 8, 17]);
  const state = builder.bind(
    'state',
    type,
    [extent, width],
    randomBytes(random, type, [extent, width], workshop.flavour),
  );
  builder.step({
    kind: 'scatter',
    inputs: [
      bindIndices(workshop, [randomIndex(random, extent)], [1, 1]),
      operandOf(workshop, type, [1, width]).operand,
    ],
    outputs: [wholeView(state, [extent, width])],
    attributes: { form: 'nd', axis: 0, combine: 'replace', outOfRange: random.pick(['drop', 'clamp'] as const) },
  });
}
