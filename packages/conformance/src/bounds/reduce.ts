import { reference, type Step } from '@halyard/core';
import { exponentialError, summationError } from '../tolerances.js';
import { type Bounded, unitInLastPlace, unitRoundoff, withRounding } from './bounded.js';
import { groups } from './groups.js';

type Attributes = Step<'reduce'>['attributes'];

export function reduceErrors(
  { attributes }: Step<'reduce'>,
  [x]: readonly Bounded[],
  result: reference.Dense,
): Float64Array {
  const errors = new Float64Array(result.values.length);
  for (const [place, members] of groups(x!.shape, attributes.axes).entries()) {
    const values = members.map((member) => Number(x!.values[member]));
    const own = members.map((member) => x!.errors[member]!);
    errors[place] = groupError(attributes, values, own, Number(result.values[place]));
  }
  return errors;
}

function groupError({ combine, accumulate }: Attributes, values: number[], errors: number[], result: number): number {
  const greatest = Math.max(0, ...errors);
  if (greatest === Infinity) return Infinity;
  if (combine === 'argMin' || combine === 'argMax')
    return extremeMayChange(combine, values, errors, result) ? Infinity : 0;
  if (combine === 'min' || combine === 'max') return greatest;
  if (!reference.isFloat(accumulate)) return greatest === 0 ? 0 : Infinity;
  if (!Number.isFinite(result) && greatest === 0) return mayOverflow(combine, values, accumulate) ? Infinity : 0;
  const unit = unitRoundoff(accumulate);
  if (combine === 'logSumExp') return logSumExpError(values, greatest, result);
  return combine === 'sum'
    ? sumError(values, errors, unit, accumulate)
    : productError(values, errors, unit, result, accumulate);
}

/**
 * Whether partial results of the finite elements may leave the type's range in some order, beside an infinity or NaN
 * that settles the result or not.
 */
function mayOverflow(combine: Attributes['combine'], values: number[], type: Attributes['accumulate']): boolean {
  const finite = values.filter(Number.isFinite).map(Math.abs);
  if (combine === 'sum')
    return (
      withRounding(
        finite.reduce((sum, x) => sum + x, 0),
        0,
        0.5,
        type,
      ) === Infinity
    );
  if (combine !== 'product') return false;
  const largest = finite.reduce((product, x) => product * Math.max(1, x), 1);
  const smallest = finite.reduce((product, x) => (x === 0 ? product : product * Math.min(1, x)), 1);
  return withRounding(largest, 0, 0.5, type) === Infinity || smallest < 2 ** -100;
}

/** Any order: the errors of the terms, and the roundings of the partial sums. */
export function sumError(
  values: readonly number[],
  errors: readonly number[],
  unit: number,
  type: Attributes['accumulate'],
): number {
  let magnitude = 0;
  let error = 0;
  for (const [i, value] of values.entries()) {
    magnitude += Math.abs(value) + errors[i]!;
    error += errors[i]!;
  }
  const total = error + summationError(values.length, unit, 0) * magnitude;
  return withRounding(magnitude, 0, 0, type) === Infinity ? Infinity : total;
}

function productError(
  values: number[],
  errors: number[],
  unit: number,
  result: number,
  type: Attributes['accumulate'],
): number {
  let reach = 1;
  let largest = 1;
  for (const [i, value] of values.entries()) {
    const factor = Math.abs(value) + errors[i]!;
    reach *= factor * (1 + unit);
    largest *= Math.max(1, factor);
  }
  // In another order partial products may overflow, or vanish.
  const smallest = values.reduce((product, value) => product * Math.min(1, Math.abs(value)), 1);
  if (withRounding(largest, 0, 0.5, type) === Infinity) return Infinity;
  if (smallest !== 0 && smallest < 2 ** -100) return Infinity;
  return reach - Math.abs(result) + values.length * unitInLastPlace(0, type) * largest;
}

function logSumExpError(values: number[], greatest: number, result: number): number {
  if (!Number.isFinite(result)) return greatest === 0 ? 0 : Infinity;
  const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const terms = summationError(values.length, 2 ** -24, 4) + exponentialError;
  // The shifted argument is rounded; w·|log w| of a weight is at most 1/e, so that unit counts once more.
  return withRounding(result, greatest + terms + 2 ** -24, 5, 'float32') + unitInLastPlace(peak, 'float32');
}

function extremeMayChange(combine: 'argMin' | 'argMax', values: number[], errors: number[], best: number): boolean {
  if (errors.every((error) => error === 0)) return false;
  const sign = combine === 'argMax' ? 1 : -1;
  const least = sign * values[best]! - errors[best]!;
  return values.some((value, i) => i !== best && !(sign * value + errors[i]! < least));
}
