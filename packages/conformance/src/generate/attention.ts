import type { DataType, Operand } from '@halyard/core';
import { wholeView } from './program-builder.js';
import { addStep, floatTypes } from './step-parts.js';
import { targetFor, viewOf, type Workshop } from './views.js';

/** Attention with or without grouped heads, lengths, starts, a mask, pages and the second output. */
export function generateAttention(workshop: Workshop): void {
  const { random, builder } = workshop;
  const [batch, keyHeads, queries] = [random.integer(1, 2), random.integer(1, 2), random.pick([1, 1, 2, 5])];
  const heads = keyHeads * random.integer(1, 3);
  const [size, valueSize] = [random.pick([1, 4, 8, 20]), random.pick([1, 4, 8, 20])];
  const blockSize = random.pick([1, 2, 4]);
  const usesPages = random.chance(0.3);
  const pages = usesPages ? random.integer(1, 3) : 0;
  const capacity = usesPages ? pages * blockSize : random.pick([1, 3, 8, 19]);
  const type = random.pick(floatTypes(workshop));
  const shelf = usesPages ? [pages * batch + 1, keyHeads, blockSize] : [batch, keyHeads, capacity];
  const integers = (values: readonly number[], shape: readonly number[]): Operand => {
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    return wholeView(builder.bind('input', 'int32', shape, bytes), shape);
  };
  const perSequence = (value: () => number) => integers(Array.from({ length: batch }, value), [batch]);
  const optional = (probability: number, make: () => Operand) => (random.chance(probability) ? make() : null);
  const places = random.shuffle(Array.from({ length: pages * batch + 1 }, (_, page) => page)).slice(0, pages * batch);
  const inputs = [
    viewOf(workshop, type, [batch, heads, queries, size], 'plain'),
    viewOf(workshop, type, [...shelf, size], 'plain'),
    viewOf(workshop, type, [...shelf, valueSize], 'plain'),
    optional(0.6, () => perSequence(() => random.integer(0, capacity + 1))),
    optional(0.2, () => perSequence(() => random.integer(0, capacity))),
    usesPages ? integers(places, [batch, pages]) : null,
    optional(0.3, () => viewOf(workshop, 'float32', [batch, heads, queries, capacity], 'plain')),
  ];
  const attributes = {
    scale: random.pick([1, 0.5, size ** -0.5]),
    causal: random.chance(0.5),
    blockSize: usesPages ? blockSize : 0,
    multiply: 'float32',
  };
  const step = { kind: 'attention', inputs, attributes } as const;
  const shape = [batch, heads, queries, valueSize];
  if (random.chance(0.2)) {
    const outputs = [targetFor(workshop, type, shape), targetFor(workshop, 'float32', [batch, heads, queries, 1])];
    builder.step({ ...step, outputs });
  } else addStep(workshop, step, ['float32' satisfies DataType], shape);
}
