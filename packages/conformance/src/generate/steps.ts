import { type DataType, reference, type StepKind } from '@halyard/core';
import { generateAttention } from './attention.js';
import { randomExpression } from './expressions.js';
import { generateGather, generateScatter } from './indexed.js';
import { generateMatmul } from './matmul.js';
import { addStep, floatTypes, operandOf, storedType } from './step-parts.js';
import { randomShape, targetFor, type Workshop } from './views.js';

type Generator = (workshop: Workshop) => void;

/** Adds a random step of each kind. */
export const stepGenerators: Readonly<Record<StepKind, Generator>> = {
  map: generateMap,
  reduce: generateReduce,
  normalize: generateNormalize,
  matmul: generateMatmul,
  attention: generateAttention,
  gather: generateGather,
  scatter: generateScatter,
  scan: generateScan,
  sort: generateSort,
};

function generateMap(workshop: Workshop): void {
  const { random, builder, types } = workshop;
  const shape = randomShape(random);
  const inputs = Array.from({ length: random.pick([0, 1, 1, 2, 2, 3]) }, () =>
    operandOf(workshop, random.pick(types), shape),
  );
  const outputs = random.chance(0.15) ? 2 : 1;
  const { expression, types: results } = randomExpression(
    workshop,
    inputs.map(({ type }) => type),
    shape,
    outputs,
  );
  builder.step({
    kind: 'map',
    inputs: inputs.map(({ operand }) => operand),
    outputs: results.map((type) => targetFor(workshop, storedType(workshop, type), shape)),
    attributes: {},
    epilogue: expression,
  });
}

function someAxes({ random }: Workshop, shape: readonly number[]): number[] {
  return shape.flatMap((_, axis) => (random.chance(0.5) ? [axis] : []));
}

function generateReduce(workshop: Workshop): void {
  const { random } = workshop;
  const type = random.pick(workshop.types);
  const isFloat = reference.isFloat(type);
  const combine = random.pick([
    ...(['sum', 'sum', 'product', 'min', 'max', 'argMin', 'argMax'] as const),
    ...(isFloat ? (['logSumExp'] as const) : []),
  ]);
  const isIndex = combine === 'argMin' || combine === 'argMax';
  const shape = randomShape(random, { least: isIndex ? 1 : 0 });
  const axes = isIndex ? [random.integer(0, shape.length - 1)] : someAxes(workshop, shape);
  // The least of nothing has no place.
  if (isIndex && shape[axes[0]!] === 0) return;
  const accumulate: DataType = isFloat ? 'float32' : combine === 'sum' && random.chance(0.3) ? 'int32' : type;
  const result = isIndex ? random.pick(['int32', 'int64'] as const) : accumulate;
  addStep(
    workshop,
    {
      kind: 'reduce',
      inputs: [operandOf(workshop, type, shape).operand],
      attributes: { combine, axes, accumulate },
    },
    [result],
    shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)),
    { mayFuse: !isIndex },
  );
}

function generateNormalize(workshop: Workshop): void {
  const { random } = workshop;
  const shape = randomShape(random);
  const form = random.pick(['softmax', 'logSoftmax', 'layer', 'rms'] as const);
  const type = random.pick(floatTypes(workshop));
  addStep(
    workshop,
    {
      kind: 'normalize',
      inputs: [operandOf(workshop, type, shape).operand],
      attributes: { form, axes: someAxes(workshop, shape), epsilon: random.pick([1e-5, 1e-3, 1]) },
    },
    ['float32'],
    shape,
  );
}

function generateScan(workshop: Workshop): void {
  const { random } = workshop;
  const shape = randomShape(random, { least: 1 });
  const type = random.pick(workshop.types);
  addStep(
    workshop,
    {
      kind: 'scan',
      inputs: [operandOf(workshop, type, shape).operand],
      attributes: {
        combine: random.pick(['sum', 'sum', 'product', 'max', 'min'] as const),
        axis: random.integer(0, shape.length - 1),
        exclusive: random.chance(0.5),
        reversed: random.chance(0.5),
      },
    },
    [type],
    shape,
  );
}

function generateSort(workshop: Workshop): void {
  const { random } = workshop;
  const shape = randomShape(random, { least: 1 });
  const type = random.pick(workshop.types);
  const axis = random.integer(0, shape.length - 1);
  const count = random.integer(0, shape[axis]!);
  const indices = random.pick([[], ['int32'], ['int64']] as const);
  addStep(
    workshop,
    {
      kind: 'sort',
      inputs: [operandOf(workshop, type, shape).operand],
      attributes: { axis, descending: random.chance(0.5), count },
    },
    [type, ...indices],
    shape.with(axis, count),
    { mayFuse: false },
  );
}
