import type { DataType, Target, View } from '@halyard/core';
import { type ProgramBuilder, wholeView } from './program-builder.js';
import type { Random } from './random.js';
import { type Flavour, randomBytes } from './values.js';

/** What a generator works with. */
export interface Workshop {
  readonly random: Random;
  readonly builder: ProgramBuilder;
  readonly types: readonly DataType[];
  readonly flavour: Flavour;
  /** Tensors that hold values all over: what later steps may read. */
  readonly filled: number[];
}

const extents = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33] as const;

/** Rank 0 to 5, a few hundred elements at most, sometimes none. */
export function randomShape(
  random: Random,
  options: { least?: number; most?: number; elements?: number } = {},
): number[] {
  const rank = random.integer(options.least ?? 0, options.most ?? 5);
  const isEmpty = random.chance(0.04);
  let left = options.elements ?? 400;
  const shape = Array.from({ length: rank }, () => {
    const extent = Math.min(random.pick(extents), Math.max(1, left));
    left = Math.floor(left / extent);
    return extent;
  });
  if (isEmpty && rank > 0) shape[random.integer(0, rank - 1)] = 0;
  return random.shuffle(shape);
}

/** A view of `shape` over stored values: an earlier result if one fits, or a new input laid out in some way. */
export function viewOf(workshop: Workshop, type: DataType, shape: readonly number[], flavour = workshop.flavour): View {
  const { random, builder, filled } = workshop;
  const fitting = filled.filter(
    (index) => builder.tensors[index]!.type === type && sameExtents(builder.tensors[index]!.shape, shape),
  );
  if (fitting.length > 0 && random.chance(0.7)) return permutedTo(random, random.pick(fitting), builder, shape);
  return newView(workshop, shape, (stored) =>
    builder.bind(random.chance(0.3) ? 'constant' : 'input', type, stored, randomBytes(random, type, stored, flavour)),
  );
}

const sorted = (shape: readonly number[]): string => [...shape].sort((a, b) => a - b).join();
const sameExtents = (a: readonly number[], b: readonly number[]): boolean => sorted(a) === sorted(b);

/** A tensor's axes, in an order that gives the shape, some of them reversed. */
function permutedTo(random: Random, tensor: number, builder: ProgramBuilder, shape: readonly number[]): View {
  const whole = wholeView(tensor, builder.tensors[tensor]!.shape);
  const free = random.shuffle(whole.shape.map((_, axis) => axis));
  const isSame = whole.shape.join() === shape.join() && random.chance(0.6);
  const strides: number[] = [];
  let { offset } = whole;
  for (const [axis, extent] of shape.entries()) {
    const place = isSame ? free.indexOf(axis) : free.findIndex((candidate) => whole.shape[candidate] === extent);
    const [source] = free.splice(place, 1);
    const isReversed = extent > 0 && !isSame && random.chance(0.15);
    const stride = whole.strides[source!]!;
    if (isReversed) offset += (extent - 1) * stride;
    strides.push(isReversed ? -stride : stride);
  }
  return { tensor, offset, shape, strides };
}

/** Lays a view out over a new tensor: sliced, stepped, reversed, broadcast, permuted; or, mostly, plainly. */
function newView({ random }: Workshop, shape: readonly number[], create: (stored: readonly number[]) => number): View {
  if (random.chance(0.5)) return wholeView(create(shape), shape);
  const layouts = shape.map((extent) => {
    const layout = random.pick(['plain', 'plain', 'broadcast', 'reversed', 'sliced', 'stepped'] as const);
    return extent === 0
      ? { layout: 'plain' as const, extent, stored: extent }
      : { layout, extent, stored: storedExtent(layout, extent) };
  });
  const order = random.shuffle(layouts.map((_, axis) => axis));
  const stored = order.map((axis) => layouts[axis]!.stored);
  const dense = wholeView(create(stored), stored);
  let offset = 0;
  const strides = layouts.map(({ layout, extent }, axis) => {
    const stride = dense.strides[order.indexOf(axis)]!;
    if (layout === 'broadcast') return 0;
    if (layout === 'sliced') offset += stride;
    if (layout === 'reversed') offset += (extent - 1) * stride;
    return layout === 'reversed' ? -stride : layout === 'stepped' ? 2 * stride : stride;
  });
  return { tensor: dense.tensor, offset: shape.includes(0) ? 0 : offset, shape, strides };
}

function storedExtent(layout: string, extent: number): number {
  if (layout === 'broadcast') return 1;
  if (layout === 'sliced') return extent + 2;
  return layout === 'stepped' ? 2 * extent : extent;
}

/** Where a result of `shape` goes: a temporary for later steps, an output, a part of one, or rows of a state. */
export function targetFor(workshop: Workshop, type: DataType, shape: readonly number[]): Target {
  const { random, builder, filled } = workshop;
  if (shape.length > 0 && random.chance(0.12)) return rowsTarget(workshop, type, shape);
  if (random.chance(0.15)) {
    // Everything but a broadcast: each element has a place of its own.
    const padded = shape.map((extent) => extent + random.integer(0, 2));
    const whole = wholeView(builder.bind('output', type, padded), padded);
    const offset = shape.includes(0)
      ? 0
      : whole.strides.reduce((sum, stride, axis) => sum + stride * random.integer(0, padded[axis]! - shape[axis]!), 0);
    return { ...whole, shape, offset };
  }
  const isTemporary = random.chance(0.4);
  const order = random.chance(0.8) ? shape.map((_, axis) => axis) : random.shuffle(shape.map((_, axis) => axis));
  const stored = order.map((axis) => shape[axis]!);
  const tensor = isTemporary ? builder.temporary(type, stored) : builder.bind('output', type, stored);
  filled.push(tensor);
  const whole = wholeView(tensor, stored);
  return { ...whole, shape, strides: shape.map((_, axis) => whole.strides[order.indexOf(axis)]!) };
}

/** Rows of a state, each named at most once, some of them outside. */
function rowsTarget({ random, builder, flavour }: Workshop, type: DataType, shape: readonly number[]): Target {
  const axis = random.integer(0, shape.length - 1);
  const capacity = shape[axis]! + random.integer(0, 3);
  const stored = shape.with(axis, capacity);
  const state = builder.bind('state', type, stored, randomBytes(random, type, stored, flavour));
  const places = random.shuffle(Array.from({ length: capacity + 2 }, (_, place) => place - 1)).slice(0, shape[axis]!);
  const indexType = random.pick(['int32', 'int64'] as const);
  const bytes = indexType === 'int32' ? Int32Array.from(places) : BigInt64Array.from(places, BigInt);
  const indices = builder.bind('input', indexType, [places.length], new Uint8Array(bytes.buffer));
  return { ...wholeView(state, stored), rows: { axis, indices: wholeView(indices, [places.length]) } };
}
