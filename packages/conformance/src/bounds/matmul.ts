import { type Multiply, type Operand, reference, type Step, type Tensor, typeLayouts } from '@halyard/core';
import { int8Error, operandMaximum, operandRounding, summationError } from '../tolerances.js';
import { type Bounded, flushError, unitRoundoff, withRounding } from './bounded.js';

/** Errors of each result of a matmul. */
export function matmulErrors(
  step: Step<'matmul'>,
  [a, ...rights]: readonly Bounded[],
  results: readonly reference.Dense[],
  tensors: readonly Tensor[],
): Float64Array[] {
  const { accumulate, multiply } = step.attributes;
  return results.map((result, position) => {
    const b = rights[position]!;
    const { type } = tensors[(step.inputs[position + 1] as Operand).tensor]!;
    const block = typeLayouts[type].elements;
    return productErrors(a!, b, result, (left, right) =>
      reference.isFloat(accumulate)
        ? dotError(left, right, { multiply, unit: unitRoundoff(accumulate), block })
        : exactUnlessUncertain(left, right),
    );
  });
}

/** One row of a, or column of b: values and errors. */
export interface Line {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

function productErrors(
  a: Bounded,
  b: Bounded,
  result: reference.Dense,
  errorOf: (left: Line, right: Line) => number,
): Float64Array {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const errors = new Float64Array(result.values.length);
  const line = (from: Bounded, start: number, stride: number): Line => ({
    values: Float64Array.from({ length: k }, (_, i) => Number(from.values[start + i * stride])),
    errors: Float64Array.from({ length: k }, (_, i) => from.errors[start + i * stride]!),
  });
  const batches = m * n === 0 ? 0 : errors.length / (m * n);
  for (let batch = 0; batch < batches; batch++) {
    const columns = Array.from({ length: n }, (_, j) => line(b, batch * k * n + j, n));
    for (let i = 0; i < m; i++) {
      const row = line(a, (batch * m + i) * k, 1);
      for (let j = 0; j < n; j++) errors[(batch * m + i) * n + j] = errorOf(row, columns[j]!);
    }
  }
  return errors;
}

const exactUnlessUncertain = (left: Line, right: Line): number =>
  left.errors.some((error) => error !== 0) || right.errors.some((error) => error !== 0) ? Infinity : 0;

interface DotOptions {
  readonly multiply: Multiply;
  readonly unit: number;
  /** Of the format that b is stored in; 1 if it is not in blocks. */
  readonly block: number;
}

/** A product of a row and a column: what the operands carry, what `multiply` lets them be rounded to, and the sum. */
export function dotError(left: Line, right: Line, { multiply, unit, block }: DotOptions): number {
  const k = left.values.length;
  const rounding = multiply === 'int8' ? 0 : operandRounding[multiply];
  const limit = operandMaximum[multiply];
  const rounded = multiply === 'int8' ? int8Roundings(left, right, block) : undefined;
  let magnitude = 0;
  let finite = 0;
  let error = 0;
  for (let i = 0; i < k; i++) {
    const x = Math.abs(left.values[i]!);
    const y = Math.abs(right.values[i]!);
    if (x > limit || y > limit) return Infinity;
    const ex = left.errors[i]! + rounding * x + (rounded?.left[i] ?? 0);
    const ey = right.errors[i]! + rounding * y + (rounded?.right[i] ?? 0);
    if (ex === Infinity || ey === Infinity) return Infinity;
    const term = (x + ex) * (y + ey);
    magnitude += term;
    if (Number.isFinite(term)) finite += term;
    if (ex !== 0 || ey !== 0) error += x * ey + y * ex + ex * ey + (rounded ? ex * rounded.spread[i]! : 0);
  }
  // Sums of the finite terms that overflow meet what infinities there are, or not: that is a matter of order.
  if (withRounding(finite, 0, 0, 'float32') === Infinity) return Infinity;
  // Infinities and NaN among exact operands come out as they should.
  if (!Number.isFinite(magnitude)) return error === 0 ? 0 : Infinity;
  const total = error + summationError(k, unit) * magnitude;
  return total + (magnitude === 0 ? 0 : k * flushError('float32'));
}

/** How far int8 may move each element of either side, and how far the weights of a block are apart. */
function int8Roundings(left: Line, right: Line, block: number) {
  const k = left.values.length;
  const isBlocked = block > 1;
  const size = isBlocked ? block : Math.max(k, 1);
  const leftErrors = new Float64Array(k);
  const rightErrors = new Float64Array(k);
  const spread = new Float64Array(k);
  for (let start = 0; start < k; start += size) {
    const end = Math.min(start + size, k);
    const values = right.values.subarray(start, end);
    const greatest = (line: Float64Array) => line.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    leftErrors.fill(int8Error(greatest(left.values.subarray(start, end))), start, end);
    if (!isBlocked) rightErrors.fill(int8Error(greatest(values)), start, end);
    // Offsets of a block (its minimum) may be multiplied by the exact sum of the activations, not the rounded one.
    else spread.fill(Math.max(...values) - Math.min(...values), start, end);
  }
  return { left: leftErrors, right: rightErrors, spread };
}
