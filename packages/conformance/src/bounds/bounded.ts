import type { DataType, reference } from '@halyard/core';
import { floatTraits } from '../tolerances.js';

/**
 * Values as the reference has them, and for each how far a device that does everything right may be from it. An
 * infinite error says that anything may come out.
 */
export interface Bounded {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly values: reference.Column;
  readonly errors: Float64Array;
}

/** Units in the last place: the distance between neighbouring values of the type around a magnitude. */
export function unitInLastPlace(magnitude: number, type: DataType): number {
  const traits = floatTraits[type];
  if (!traits || !Number.isFinite(magnitude)) return 0;
  const exponent =
    magnitude === 0 ? traits.minimumExponent : Math.max(Math.floor(Math.log2(magnitude)), traits.minimumExponent);
  return 2 ** (exponent - traits.precision + 1);
}

/** Half a unit in the last place of 1. */
export const unitRoundoff = (type: DataType): number => 2 ** -(floatTraits[type]?.precision ?? 24);

/** Below this a result may be anything between zero and itself. */
export const flushError = (type: DataType): number => floatTraits[type]?.flushedBelow ?? 0;

/**
 * The error of a value that a device also rounds to the type, perhaps: what was, and `units` in the last place. A value
 * that may overflow the type may be anything.
 */
export function withRounding(value: number, error: number, units: number, type: DataType): number {
  if (Number.isNaN(error)) return Infinity;
  if (!Number.isFinite(value)) return error;
  const traits = floatTraits[type];
  if (!traits) return error;
  const magnitude = Math.abs(value) + error;
  if (magnitude >= traits.maximum * (1 - 2 ** -traits.precision)) return Infinity;
  if (units === 0) return error;
  const flushed = value === 0 && error === 0 ? 0 : traits.flushedBelow;
  // The reference's own error in double is some millionth of a unit.
  return error + (units + 1e-5) * unitInLastPlace(magnitude, type) + (magnitude < traits.flushedBelow ? flushed : 0);
}

/** The error of a monotone function's result, from the ends of the interval around its argument. */
export function monotone(operate: (x: number) => number, value: number, error: number): number {
  if (error === 0) return 0;
  if (!Number.isFinite(error)) return Infinity;
  const middle = operate(value);
  return Math.max(distance(operate(value - error), middle), distance(operate(value + error), middle));
}

/** |x − y|, where equal infinities and NaNs are no distance apart. */
export function distance(x: number, y: number): number {
  if (Object.is(x, y) || x === y) return 0;
  const difference = Math.abs(x - y);
  return Number.isNaN(difference) ? Infinity : difference;
}
