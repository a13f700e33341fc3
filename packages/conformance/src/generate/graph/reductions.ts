import type { ElementType } from '@halyard/core';
import { anyShape, elementTypes, floatTypes, wideTypes } from './elementwise.js';
import type { GraphWorkshop } from './workshop.js';

const anything = (): boolean => true;

function someAxes({ random }: GraphWorkshop, shape: readonly number[]): number[] {
  return random.shuffle(shape.flatMap((_, axis) => (random.chance(0.5) ? [axis] : [])));
}

function reduce(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const [types, names] = random.pick([
    [floatTypes, ['reduceL2', 'reduceLogSum', 'reduceLogSumExp', 'reduceMean', 'reduceSum'] as const],
    [wideTypes, ['reduceL1', 'reduceProduct', 'reduceSum', 'reduceSumSquare'] as const],
    [elementTypes, ['reduceMax', 'reduceMin'] as const],
  ]);
  const x = workshop.some(types, anything, anyShape(workshop));
  const axes = someAxes(workshop, x.shape);
  workshop.made(builder[random.pick<(typeof names)[number]>(names)](x, { axes, keepDimensions: random.chance(0.5) }));
}

function position(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(
    elementTypes,
    (shape) => shape.some((extent) => extent > 0),
    () => [random.integer(1, 9), 3],
  );
  const axis = random.pick(x.shape.flatMap((extent, axis) => (extent > 0 ? [axis] : [])));
  const options = { keepDimensions: random.chance(0.5), outputDataType: random.pick(['int32', 'int64'] as const) };
  workshop.made(random.chance(0.5) ? builder.argMax(x, axis, options) : builder.argMin(x, axis, options));
}

function cumulate(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(wideTypes, ({ length }) => length >= 1, anyShape(workshop, 1));
  const axis = random.integer(0, x.shape.length - 1);
  workshop.made(builder.cumulativeSum(x, axis, { exclusive: random.chance(0.5), reversed: random.chance(0.5) }));
}

function softmax(workshop: GraphWorkshop): void {
  const x = workshop.some(floatTypes, ({ length }) => length >= 1, anyShape(workshop, 1));
  workshop.made(workshop.builder.softmax(x, workshop.random.integer(0, x.shape.length - 1)));
}

function normalize(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(floatTypes, anything, anyShape(workshop));
  const type = x.dataType as ElementType;
  const axes = someAxes(workshop, x.shape);
  const extents = axes.map((axis) => x.shape[axis]!);
  const options = {
    axes,
    epsilon: random.pick([1e-5, 1e-3, 1]),
    ...(random.chance(0.5) && { scale: workshop.exactly(type, extents, 'plain') }),
    ...(random.chance(0.4) && { bias: workshop.exactly(type, extents, 'plain') }),
  };
  workshop.made(random.chance(0.5) ? builder.layerNormalization(x, options) : builder.rmsNormalization(x, options));
}

function featureNormalize(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  if (random.chance(0.5)) {
    const x = workshop.some(
      floatTypes,
      ({ length }) => length === 4,
      () => [2, 3, 2, random.integer(1, 4)],
    );
    const layout = random.pick(['nchw', 'nhwc'] as const);
    const channels = x.shape[layout === 'nchw' ? 1 : 3]!;
    const of = () => workshop.exactly(x.dataType as ElementType, [channels], 'plain');
    workshop.made(
      builder.instanceNormalization(x, {
        layout,
        epsilon: 1e-3,
        ...(random.chance(0.5) && { scale: of(), bias: of() }),
      }),
    );
    return;
  }
  const x = workshop.some(floatTypes, ({ length }) => length >= 1, anyShape(workshop, 1));
  const axis = random.integer(0, x.shape.length - 1);
  const of = () => workshop.exactly(x.dataType as ElementType, [x.shape[axis]!], 'plain');
  const variance = workshop.given(
    x.dataType as ElementType,
    [x.shape[axis]!],
    Array.from({ length: x.shape[axis]! }, () => random.unit() + 0.5),
  );
  const options = { axis, ...(random.chance(0.5) && { scale: of() }), ...(random.chance(0.5) && { bias: of() }) };
  workshop.made(builder.batchNormalization(x, of(), variance, options));
}

export const reductionGenerators = [
  reduce,
  reduce,
  position,
  cumulate,
  softmax,
  normalize,
  normalize,
  featureNormalize,
];
