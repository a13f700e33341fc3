import { type Operand, reference, type Step } from '@halyard/core';
import { summationError } from '../tolerances.js';
import { type Bounded, unitInLastPlace, unitRoundoff, withRounding } from './bounded.js';
import { groups } from './groups.js';

/** Running sums: the errors of all terms so far, and the roundings of any grouping of them. */
export function scanErrors(
  { attributes }: Step<'scan'>,
  [x]: readonly Bounded[],
  result: reference.Dense,
): Float64Array {
  const { combine, axis, exclusive, reversed } = attributes;
  const errors = new Float64Array(result.values.length);
  const isFloat = reference.isFloat(x!.type);
  const unit = unitRoundoff(x!.type);
  for (const members of groups(x!.shape, [axis])) {
    let error = 0;
    let magnitude = combine === 'product' ? 1 : 0;
    let largest = 1;
    let finite = 0;
    for (const [count, member] of (reversed ? members.toReversed() : members).entries()) {
      const before = { error, magnitude };
      const value = Math.abs(Number(x!.values[member]));
      const own = x!.errors[member]!;
      largest *= Math.max(1, value + own);
      if (Number.isFinite(value)) finite += value + own;
      if (combine === 'sum') {
        magnitude += value + own;
        error += own;
      } else if (combine === 'product') magnitude *= (value + own) * (1 + unit);
      else error = Math.max(error, own);
      const now = exclusive ? before : { error, magnitude };
      const place = Math.abs(Number(result.values[member]));
      if (!isFloat)
        errors[member] = now.error === 0 && (combine !== 'product' || x!.errors.every((e) => e === 0)) ? 0 : Infinity;
      else if (combine === 'min' || combine === 'max') errors[member] = now.error;
      else if (combine === 'sum' && withRounding(finite, 0, 0, x!.type) === Infinity) errors[member] = Infinity;
      else if (!Number.isFinite(place)) errors[member] = x!.errors.every((e) => e === 0) ? 0 : Infinity;
      else if (combine === 'sum') {
        // A parallel scan takes parts of the whole, so that roundings of the whole may enter.
        const total = now.error + summationError(count + 1, unit, 0) * now.magnitude;
        errors[member] = withRounding(now.magnitude, 0, 0, x!.type) === Infinity ? Infinity : total;
      } else {
        const overflows = withRounding(largest, 0, 0.5, x!.type) === Infinity;
        errors[member] = overflows ? Infinity : now.magnitude - place + count * unitInLastPlace(0, x!.type) * largest;
      }
    }
  }
  return errors;
}

/** Values in order move no further than the furthest of them; their indices are certain where no two could change places. */
export function sortErrors(
  { attributes }: Step<'sort'>,
  [x]: readonly Bounded[],
  results: readonly reference.Dense[],
): Float64Array[] {
  const { axis, count } = attributes;
  const values = new Float64Array(results[0]!.values.length);
  const indices = new Float64Array(values.length);
  const targets = groups(x!.shape.with(axis, count), [axis]);
  for (const [group, members] of groups(x!.shape, [axis]).entries()) {
    const greatest = members.reduce((most, member) => Math.max(most, x!.errors[member]!), 0);
    const ordered = members.map((member) => Number(x!.values[member])).sort((a, b) => a - b);
    const isClose = ordered.some((value, i) => i > 0 && !(value - ordered[i - 1]! > 2 * greatest));
    for (const target of targets[group] ?? []) {
      values[target] = greatest;
      indices[target] = greatest > 0 && isClose ? Infinity : 0;
    }
  }
  return results.length > 1 ? [values, indices] : [values];
}

/** What is moved keeps its error; what an uncertain index names may be anything. */
export function gatherErrors(
  step: Step<'gather'>,
  operands: readonly Bounded[],
  result: reference.Dense,
): Float64Array {
  const [from, indices] = operands as [Bounded, Bounded];
  if (indices.errors.some((error) => error !== 0)) return new Float64Array(result.values.length).fill(Infinity);
  const places = { type: 'float32', shape: from.shape, values: from.errors } as const;
  return moved(step, places, indices);
}

/** Gathers numbers in the places of a step's own elements, through the reference itself. */
function moved(step: Step<'gather'>, from: reference.Dense, indices: Bounded): Float64Array {
  const exact = new Float64Array(from.values as Float64Array);
  const bits = new BigInt64Array(exact.buffer);
  const named = { type: indices.type, shape: indices.shape, at: { binding: 1 }, offset: 0 } as const;
  const memory: reference.Memory = {
    // Errors are doubles, which no tensor holds: their bits travel as 64-bit integers.
    tensors: [{ type: 'int64', shape: from.shape, at: { binding: 0 }, offset: 0 }, named],
    bytes: (tensor) => new Uint8Array(tensor === 0 ? bits.buffer : bytesOf(indices)),
  };
  const view = (tensor: number, shape: readonly number[]): Operand => ({
    tensor,
    offset: 0,
    shape,
    strides: shape.map((_, axis) => reference.elementCount(shape.slice(axis + 1))),
  });
  const { epilogue: _, ...plain } = step;
  const [result] = reference.stepResults(memory, {
    ...plain,
    inputs: [view(0, from.shape), view(1, indices.shape)],
  });
  return new Float64Array((result!.values as unknown as BigInt64Array).buffer);
}

function bytesOf({ type, values }: Bounded): ArrayBuffer {
  const arrays = { int32: Int32Array, uint32: Uint32Array, int8: Int8Array, uint8: Uint8Array } as const;
  if (type === 'int64') return BigInt64Array.from(values as ArrayLike<bigint>).buffer;
  if (type === 'uint64') return BigUint64Array.from(values as ArrayLike<bigint>).buffer;
  return arrays[type as keyof typeof arrays].from(values as ArrayLike<number>).buffer;
}
