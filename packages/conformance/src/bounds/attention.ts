import type { Step } from '@halyard/core';
import { exponentialError, int8Error, operandRounding, summationError } from '../tolerances.js';
import { type Bounded, flushError, unitInLastPlace } from './bounded.js';
import { dotError, type Line } from './matmul.js';

const unit = 2 ** -24;

/** Errors of the output and of log Σ exp. */
export function attentionErrors(step: Step<'attention'>, operands: readonly (Bounded | null)[]): Float64Array[] {
  const [query, key, value] = operands as [Bounded, Bounded, Bounded];
  const [batch, heads, queries] = query.shape as [number, number, number, number];
  const valueSize = value.shape[3]!;
  const output = new Float64Array(batch * heads * queries * valueSize);
  const sums = new Float64Array(batch * heads * queries);
  for (let row = 0; row < sums.length; row++) {
    const seen = keysSeen(step, operands, row);
    const scores = scoreErrors(step, operands, row, seen, key);
    sums[row] = scores.sum;
    const rowErrors = weightedErrors(step, value, seen, scores);
    output.set(rowErrors, row * valueSize);
  }
  return [output, sums];
}

interface Seen {
  /** Rows of all keys, over batches or pages, heads and places. */
  readonly rows: readonly number[];
  /** Their places in the sequence. */
  readonly places: readonly number[];
  readonly isUncertain: boolean;
}

function keysSeen(step: Step<'attention'>, operands: readonly (Bounded | null)[], row: number): Seen {
  const [query, key, , lengths, starts, table] = operands;
  const [, heads, queries] = query!.shape as [number, number, number];
  const keyHeads = key!.shape[1]!;
  const { blockSize, causal } = step.attributes;
  const capacity = table ? table.shape[1]! * blockSize : key!.shape[2]!;
  const position = row % queries;
  const head = Math.floor(row / queries) % heads;
  const sequence = Math.floor(row / (queries * heads));
  const keyHead = Math.floor(head / (heads / keyHeads));
  const length = Math.min(lengths ? Number(lengths.values[sequence]) : capacity, capacity);
  const first = starts ? Math.max(Number(starts.values[sequence]), 0) : 0;
  const end = causal ? Math.min(length, length - queries + position + 1) : length;
  const places = Array.from({ length: Math.max(end - first, 0) }, (_, index) => first + index);
  const rows = places.map((place) => {
    if (!table) return (sequence * keyHeads + keyHead) * capacity + place;
    const page = Number(table.values[sequence * table.shape[1]! + Math.floor(place / blockSize)]);
    return (page * keyHeads + keyHead) * blockSize + (place % blockSize);
  });
  const isUncertain = [lengths, starts, table].some((operand) => operand?.errors.some((error) => error !== 0));
  return { rows, places, isUncertain };
}

interface Scores {
  readonly weights: readonly number[];
  /** The most that a weight may be off, relatively. */
  readonly relative: number;
  readonly sum: number;
}

function scoreErrors(
  step: Step<'attention'>,
  operands: readonly (Bounded | null)[],
  row: number,
  seen: Seen,
  key: Bounded,
): Scores {
  const query = operands[0]!;
  const mask = operands[6];
  const size = query.shape[3]!;
  const { scale, multiply } = step.attributes;
  const capacity = mask?.shape[3] ?? 0;
  const left = lineOf(query, row, size);
  const scores: number[] = [];
  const errors: number[] = [];
  for (const [index, keyRow] of seen.rows.entries()) {
    const right = lineOf(key, keyRow, size);
    const product = left.values.reduce((sum, x, i) => sum + x * right.values[i]!, 0) * scale;
    const place = row * capacity + seen.places[index]!;
    const added = mask ? Number(mask.values[place]) : 0;
    const error = Math.abs(scale) * dotError(left, right, { multiply, unit, block: 1 }) + 2 * unit * Math.abs(product);
    scores.push(product + added);
    errors.push(error + (mask?.errors[place] ?? 0) + unitInLastPlace(Math.abs(product + added), 'float32'));
  }
  const greatest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const shift = errors.reduce((most, error) => Math.max(most, error), 0);
  const isExact = !seen.isUncertain && shift === 0;
  if (!Number.isFinite(greatest))
    return {
      weights: scores,
      relative: isExact || scores.length === 0 ? 0 : Infinity,
      sum: isExact || scores.length === 0 ? 0 : Infinity,
    };
  const exponentials = scores.map((score) => Math.exp(score - greatest));
  const total = exponentials.reduce((sum, weight) => sum + weight, 0);
  const around = summationError(scores.length, unit, 8) + exponentialError;
  // A weight far down is rounded by as many units as its score is away, but counts for as little.
  const furthest = scores.reduce(
    (most, score) => (score === -Infinity ? most : Math.max(most, Math.min(greatest - score, 104))),
    0,
  );
  return {
    weights: exponentials.map((weight) => weight / total),
    relative: seen.isUncertain ? Infinity : Math.expm1(2 * shift + around + (furthest + 1) * unit),
    sum: seen.isUncertain
      ? Infinity
      : shift + around + unit + 6 * unitInLastPlace(Math.abs(greatest + Math.log(total)), 'float32'),
  };
}

function weightedErrors(
  step: Step<'attention'>,
  value: Bounded,
  seen: Seen,
  { weights, relative }: Scores,
): Float64Array {
  const size = value.shape[3]!;
  const errors = new Float64Array(size);
  const { multiply } = step.attributes;
  const rounding = multiply === 'int8' ? 0 : 2 * operandRounding[multiply];
  for (let column = 0; column < size; column++) {
    let magnitude = 0;
    let error = 0;
    let greatest = 0;
    for (const [index, row] of seen.rows.entries()) {
      if (weights[index] === 0) continue;
      const v = Math.abs(Number(value.values[row * size + column]));
      magnitude += weights[index]! * v;
      greatest = Math.max(greatest, v);
      error += weights[index]! * (relative * v + (1 + relative) * value.errors[row * size + column]!);
    }
    if (multiply === 'int8') error += int8Error(1) * greatest * seen.rows.length + int8Error(greatest);
    const total = error + (summationError(seen.rows.length, unit, 4) + rounding) * magnitude * (1 + relative);
    errors[column] =
      seen.rows.length === 0 && !seen.isUncertain ? 0 : Number.isNaN(total) ? Infinity : total + flushError('float32');
  }
  return errors;
}

function lineOf({ values, errors }: Bounded, row: number, size: number): Line {
  return {
    values: Float64Array.from({ length: size }, (_, i) => Number(values[row * size + i])),
    errors: errors.subarray(row * size, (row + 1) * size),
  };
}
