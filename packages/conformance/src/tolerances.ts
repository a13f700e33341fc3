import type { DataType, Multiply, ScalarOperator } from '@halyard/core';

/**
 * How far a scalar operator over floats may be from the exact result of the arguments it was given, in units in the
 * last place of the instruction's data type. Half a unit is correct rounding, which IEEE 754 asks of the first group.
 */
export interface ScalarTolerance {
  readonly units: number;
  /** Beyond that, so many units in the last place of its first argument: where a formula cancels. */
  readonly unitsOfArgument?: number;
  readonly because: string;
}

const exact: ScalarTolerance = { units: 0, because: 'the result is one of the arguments, or always representable' };
const rounded: ScalarTolerance = { units: 0.5, because: 'IEEE 754 asks for correct rounding' };
const vectorized: ScalarTolerance = {
  units: 4,
  because: 'what vectorized float32 libraries promise: 3.5 in SLEEF’s faster class, 1 to 4 in the CUDA Math API',
};

export const scalarTolerances: Readonly<Partial<Record<ScalarOperator, ScalarTolerance>>> = {
  constant: exact,
  coordinate: exact,
  select: exact,
  min: exact,
  max: exact,
  abs: exact,
  neg: exact,
  sign: exact,
  floor: exact,
  ceil: exact,
  roundEven: exact,
  add: rounded,
  sub: rounded,
  mul: rounded,
  div: {
    units: 2.5,
    because: 'a reciprocal with one Newton step and a product; the CUDA Math API allows 2 for fast division',
  },
  sqrt: { units: 1, because: 'correctly rounded on CPUs; GPUs may use rsqrt and a product' },
  rsqrt: { units: 2, because: 'an estimate with a Newton step, or 1/√x rounded twice; 2 in the CUDA Math API' },
  reciprocal: { units: 1, because: 'correctly rounded on CPUs; 1 for GPU estimates with a Newton step' },
  pow: { units: 16, because: 'exp(y·log x) with a float32 logarithm kept in two parts; OpenCL 3.0 §7.4 allows 16' },
  exp: vectorized,
  log: vectorized,
  erf: { units: 4, because: 'a rational or polynomial approximation; 2 in the CUDA Math API, 16 in OpenCL 3.0 §7.4' },
  tanh: { units: 5, because: 'OpenCL 3.0 §7.4 allows 5' },
  sigmoid: { units: 5, because: 'an exponential, a sum and a division' },
  silu: { units: 6, because: 'sigmoid and a product' },
  gelu: {
    units: 4,
    unitsOfArgument: 4,
    because: '1 + erf cancels for negative x: what is left is absolute, relative to x',
  },
  sin: { units: 4, unitsOfArgument: 1, because: 'argument reduction in float32 loses the units of the argument' },
  cos: { units: 4, unitsOfArgument: 1, because: 'argument reduction in float32 loses the units of the argument' },
  tan: { units: 5, unitsOfArgument: 2, because: 'OpenCL 3.0 §7.4 allows 5; argument reduction as for sine' },
};

/** Bits of the significand, the hidden one included, and the exponents of the least and greatest power of two. */
export interface FloatTraits {
  readonly precision: number;
  readonly minimumExponent: number;
  readonly maximum: number;
  /** Results below may be flushed to zero, or rounded as subnormals. */
  readonly flushedBelow: number;
}

export const floatTraits: Readonly<Partial<Record<DataType, FloatTraits>>> = {
  float32: { precision: 24, minimumExponent: -126, maximum: (2 - 2 ** -23) * 2 ** 127, flushedBelow: 2 ** -126 },
  // The narrow types are computed in float32, where their subnormals are normal.
  float16: { precision: 11, minimumExponent: -14, maximum: 65504, flushedBelow: 0 },
  bfloat16: { precision: 8, minimumExponent: -126, maximum: (2 - 2 ** -7) * 2 ** 127, flushedBelow: 2 ** -126 },
};

/**
 * Relative error of one operand as it enters a product: half a unit in the last place of the type it may be rounded to.
 * `int8` is not relative: see {@link int8Error}.
 */
export const operandRounding: Readonly<Record<Exclude<Multiply, 'int8'>, number>> = {
  float32: 0,
  tfloat32: 2 ** -11,
  bfloat16: 2 ** -8,
  float16: 2 ** -11,
  float8: 2 ** -4,
};

/** The largest finite value of what operands may be rounded to; beyond it anything may happen. */
export const operandMaximum: Readonly<Record<Multiply, number>> = {
  float32: Infinity,
  tfloat32: Infinity,
  bfloat16: Infinity,
  float16: 65504,
  float8: 448,
  int8: Infinity,
};

/**
 * With `int8` an operand may be rounded to whole multiples of its block's greatest magnitude / 127: half a step of
 * error, greatest/254, and a hundredth for a scale that is itself rounded to float16 or computed by a reciprocal.
 */
export const int8Error = (greatest: number): number => (greatest / 254) * 1.01;

/**
 * Sums over n terms may be taken in any order and any grouping: n·u·Σ|x| bounds every one of them (Higham, Accuracy and
 * Stability of Numerical Algorithms, §4.2). `extra` is for the operations around a sum.
 */
export const summationError = (terms: number, unit: number, extra = 2): number => (terms + extra) * unit;

/** Of an exponential inside softmax, attention and logSumExp: its own error in units of 2⁻²⁴, both sides of rounding. */
export const exponentialError = 2 * (scalarTolerances.exp?.units ?? 4) * 2 ** -24;
