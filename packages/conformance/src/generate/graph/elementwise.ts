import type { ElementType } from '@halyard/core';
import { randomShape } from '../views.js';
import { broadcastable, type GraphWorkshop } from './workshop.js';

export const floatTypes = ['float32', 'float32', 'float16', 'bfloat16'] as const;
export const signedTypes = [...floatTypes, 'int64', 'int32', 'int8'] as const;
export const wideTypes = [...floatTypes, 'int64', 'uint64', 'int32', 'uint32'] as const;
export const elementTypes = [...wideTypes, 'int8', 'uint8'] as const;

const floatUnary = [
  ...(['ceil', 'cos', 'erf', 'exp', 'floor', 'log', 'reciprocal', 'roundEven', 'rsqrt', 'sin', 'sqrt', 'tan'] as const),
  ...(['elu', 'gelu', 'hardSigmoid', 'hardSwish', 'leakyRelu', 'linear', 'sigmoid', 'silu', 'softplus'] as const),
  ...(['softsign', 'tanh'] as const),
];
const signedUnary = ['abs', 'neg', 'sign', 'relu'] as const;
const arithmetic = ['add', 'sub', 'mul', 'div', 'max', 'min', 'pow'] as const;
const comparisons = ['equal', 'notEqual', 'greater', 'greaterOrEqual', 'lesser', 'lesserOrEqual'] as const;

const anything = (): boolean => true;

export const anyShape =
  ({ random }: GraphWorkshop, least = 0) =>
  () =>
    randomShape(random, { least, elements: 150 });

function unary(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  if (random.chance(0.3)) {
    const x = workshop.some(signedTypes, anything, anyShape(workshop));
    workshop.made(builder[random.pick(signedUnary)](x));
  } else {
    const x = workshop.some(floatTypes, anything, anyShape(workshop));
    workshop.made(builder[random.pick(floatUnary)](x));
  }
}

function binary(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const a = workshop.some(elementTypes, anything, anyShape(workshop));
  const b = workshop.exactly(a.dataType as ElementType, broadcastable(random, a.shape));
  const [x, y] = random.chance(0.8) ? [a, b] : [b, a];
  workshop.made(random.chance(0.8) ? builder[random.pick(arithmetic)](x, y) : builder[random.pick(comparisons)](x, y));
}

function logical(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const a = workshop.some(['uint8'], anything, anyShape(workshop));
  if (random.chance(0.3)) workshop.made(builder.logicalNot(a));
  else {
    const b = workshop.exactly('uint8', broadcastable(random, a.shape));
    workshop.made(builder[random.pick(['logicalAnd', 'logicalOr', 'logicalXor'] as const)](a, b));
  }
}

function choose(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const a = workshop.some(elementTypes, anything, anyShape(workshop));
  const b = workshop.exactly(a.dataType as ElementType, broadcastable(random, a.shape));
  const condition = workshop.exactly('uint8', broadcastable(random, a.shape));
  workshop.made(builder.where(condition, a, b));
}

function convert(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(elementTypes, anything, anyShape(workshop));
  workshop.made(random.chance(0.1) ? builder.identity(x) : builder.cast(x, random.pick(elementTypes)));
}

function test(workshop: GraphWorkshop): void {
  const x = workshop.some(floatTypes, anything, anyShape(workshop));
  workshop.made(workshop.builder[workshop.random.pick(['isNaN', 'isInfinite'] as const)](x));
}

function bounded(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  if (random.chance(0.3)) {
    const x = workshop.some(signedTypes, anything, anyShape(workshop));
    workshop.made(builder.prelu(x, workshop.exactly(x.dataType as ElementType, broadcastable(random, x.shape))));
    return;
  }
  const x = workshop.some(elementTypes, anything, anyShape(workshop));
  const bounds = {
    ...(random.chance(0.7) && { minValue: 0 }),
    ...(random.chance(0.7) && { maxValue: random.integer(1, 6) }),
  };
  workshop.made(builder.clamp(x, bounds));
}

function triangular(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const x = workshop.some(elementTypes, ({ length }) => length >= 2, anyShape(workshop, 2));
  workshop.made(builder.triangular(x, { upper: random.chance(0.5), diagonal: random.integer(-2, 2) }));
}

function quantize(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const type = random.pick(['uint8', 'int8', 'int32'] as const);
  // Scales are constants away from 0; quantized by them, values stay in range or saturate.
  const x = workshop.some(floatTypes, anything, anyShape(workshop));
  const shape = x.shape.map((extent) => (random.chance(0.5) && extent > 0 ? 1 : extent));
  const count = shape.reduce((a, b) => a * b, 1);
  const scale = workshop.given(
    x.dataType as ElementType,
    shape,
    Array.from({ length: count }, () => random.pick([0.5, 0.25, 1, 2])),
  );
  const zeroPoint = workshop.exactly(type, shape, 'plain');
  const quantized = builder.quantizeLinear(x, scale, zeroPoint);
  workshop.made(quantized);
  if (random.chance(0.7)) workshop.made(builder.dequantizeLinear(workshop.use(quantized), scale, zeroPoint));
}

function uniform(workshop: GraphWorkshop): void {
  const { random, builder } = workshop;
  const seed = workshop.given('uint32', [], [random.integer(0, 1000)]);
  const counter = workshop.given('uint32', [], [random.integer(0, 1000)]);
  workshop.made(builder.randomUniform(seed, counter, { shape: anyShape(workshop)() }));
}

export const elementwiseGenerators = [
  unary,
  unary,
  binary,
  binary,
  logical,
  choose,
  convert,
  test,
  bounded,
  triangular,
  quantize,
  uniform,
];
