import type { reference, Step } from '@halyard/core';
import { exponentialError, summationError } from '../tolerances.js';
import { type Bounded, flushError, unitInLastPlace } from './bounded.js';
import { groups } from './groups.js';

const unit = 2 ** -24;

export function normalizeErrors(
  { attributes }: Step<'normalize'>,
  [x]: readonly Bounded[],
  result: reference.Dense,
): Float64Array {
  const errors = new Float64Array(result.values.length);
  for (const members of groups(x!.shape, attributes.axes)) {
    const values = members.map((member) => Number(x!.values[member]));
    const own = members.map((member) => x!.errors[member]!);
    const results = members.map((member) => Number(result.values[member]));
    const found = groupErrors(attributes, values, own, results);
    for (const [i, member] of members.entries()) errors[member] = found[i]!;
  }
  return errors;
}

function groupErrors(
  { form, epsilon }: Step<'normalize'>['attributes'],
  values: number[],
  errors: number[],
  results: number[],
): number[] {
  if (errors.some((error) => error === Infinity)) return values.map(() => Infinity);
  const isSoftmax = form === 'softmax' || form === 'logSoftmax';
  // What infinities and NaN make of a group is exact; where errors meet them, nothing is.
  const special = values.some(
    (value) => Number.isNaN(value) || value === Infinity || (!isSoftmax && value === -Infinity),
  );
  if (special || results.some(Number.isNaN))
    return results.map(() => (errors.every((error) => error === 0) ? 0 : Infinity));
  if (isSoftmax) return softmaxErrors(form, values, errors, results);
  return standardizedErrors(form, epsilon, values, errors, results);
}

function softmaxErrors(form: string, values: number[], errors: number[], results: number[]): number[] {
  const greatest = Math.max(...values);
  const shift = Math.max(...errors);
  const around = summationError(values.length, unit, 6) + exponentialError;
  return values.map((value, i) => {
    if (value === -Infinity) return 0;
    const away = Math.abs(value - greatest);
    if (form === 'logSoftmax') {
      return (
        2 * shift +
        around +
        2 * unitInLastPlace(away, 'float32') +
        3 * unitInLastPlace(Math.abs(results[i]!), 'float32') +
        unitInLastPlace(Math.abs(greatest), 'float32')
      );
    }
    const relative = Math.expm1(2 * shift + (away + 1) * unit + around);
    return results[i]! * relative + flushError('float32');
  });
}

/** Computed in two passes, or as Welford did: the difference of two large means would not pass. */
function standardizedErrors(
  form: string,
  epsilon: number,
  values: number[],
  errors: number[],
  results: number[],
): number[] {
  const count = values.length;
  const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0);
  const isCentred = form === 'layer';
  const mean = isCentred ? sum(values) / count : 0;
  const meanError = isCentred
    ? sum(errors) / count + (summationError(count, unit) * sum(values.map(Math.abs))) / count
    : 0;
  const centred = values.map((value) => value - mean);
  const centredErrors = centred.map((value, i) => errors[i]! + meanError + unit * (Math.abs(value) + meanError));
  const variance = sum(centred.map((value) => value * value)) / count;
  const spread =
    sum(centred.map((value, i) => 2 * Math.abs(value) * centredErrors[i]! + centredErrors[i]! ** 2)) / count;
  const varianceError = spread + summationError(count, unit, 3) * (variance + spread);
  const base = variance + epsilon;
  // A variance that is nothing but rounding says nothing.
  if (varianceError + 2 * unit * base >= base) return values.map(() => Infinity);
  const least = Math.sqrt(base - varianceError);
  const relative = varianceError / (2 * (base - varianceError)) + 6 * unit;
  return results.map((result, i) => centredErrors[i]! / least + Math.abs(result) * relative + flushError('float32'));
}
