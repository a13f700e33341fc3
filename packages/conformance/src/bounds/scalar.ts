import { type DataType, type Instruction, reference } from '@halyard/core';
import { scalarTolerances } from '../tolerances.js';
import { type Bounded, distance, flushError, monotone, unitInLastPlace, withRounding } from './bounded.js';

type Argument = Pick<Bounded, 'type' | 'values' | 'errors'>;

/** The errors of an instruction's results, from those of its arguments. */
export function instructionErrors(
  instruction: Instruction,
  given: readonly Argument[],
  result: reference.Column,
): Float64Array {
  const errors = new Float64Array(result.length);
  for (let i = 0; i < result.length; i++) {
    const values = given.map((argument) => Number(argument.values[i]));
    const own = given.map((argument) => argument.errors[i]!);
    errors[i] = instructionError(instruction, given, values, own, result[i]!);
  }
  return errors;
}

function instructionError(
  { op, dataType }: Instruction,
  given: readonly Argument[],
  values: readonly number[],
  errors: readonly number[],
  result: number | bigint,
): number {
  if (op === 'cast') return castError(values[0]!, errors[0]!, given[0]!.type, dataType);
  const isFloat = reference.isFloat(dataType);
  if (!isFloat && errors.every((error) => error === 0)) return 0;
  const value = Number(result);
  const [x = 0, y = 0, z = 0] = values;
  const [ex = 0, ey = 0, ez = 0] = errors;
  if (op === 'select') return selectError(x !== 0, ex, y, z, ey, ez);
  if (op in comparisons) return comparisonMayChange(op, x, y, ex, ey) ? 1 : 0;
  if (errors.includes(Infinity)) return Infinity;
  const tolerance = scalarTolerances[op];
  if (!isFloat) return integerError(op, x, y, ex, ey, dataType);
  const propagated = errors.every((error) => error === 0) ? 0 : propagate(op, x, y, ex, ey);
  if (op === 'constant' || op === 'coordinate') return 0;
  const cancelled = tolerance?.unitsOfArgument
    ? tolerance.unitsOfArgument * unitInLastPlace(Math.abs(x) + ex, dataType)
    : 0;
  return withRounding(value, propagated + (Number.isFinite(x) ? cancelled : 0), tolerance?.units ?? 0, dataType);
}

/** How far a result moves when its arguments move by their errors. */
function propagate(op: string, x: number, y: number, ex: number, ey: number): number {
  switch (op) {
    case 'add':
    case 'sub':
      return ex + ey;
    case 'mul':
      return Math.abs(x) * ey + Math.abs(y) * ex + ex * ey;
    case 'div':
      return ey >= Math.abs(y) ? Infinity : (ex + Math.abs(x / y) * ey) / (Math.abs(y) - ey);
    case 'min':
    case 'max':
      return Math.max(ex, ey);
    case 'pow':
      return powError(x, y, ex, ey);
    case 'abs':
    case 'neg':
    case 'sin':
    case 'cos':
      return ex;
    case 'gelu':
    case 'silu':
      // The steepest slopes are 1.129 and 1.0999.
      return 1.13 * ex;
    case 'tan':
      return ex >= Math.abs(Math.cos(x)) / 2 ? Infinity : (4 * ex) / Math.cos(x) ** 2;
    case 'reciprocal':
      return ex >= Math.abs(x) ? Infinity : ex / (Math.abs(x) * (Math.abs(x) - ex));
    case 'log':
    case 'sqrt':
    case 'rsqrt':
      return x - ex <= 0 ? Infinity : monotone(monotoneFunctions[op]!, x, ex);
    default:
      return monotone(monotoneFunctions[op] ?? (() => Number.NaN), x, ex);
  }
}

const monotoneFunctions: Readonly<Record<string, (x: number) => number>> = {
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  exp: Math.exp,
  tanh: Math.tanh,
  erf: reference.erf,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  // Ties do not matter: an interval that has one inside moves by 1 either way.
  roundEven: (x) => Math.round(x),
};

function powError(x: number, y: number, ex: number, ey: number): number {
  if (x - ex <= 0) return Infinity;
  const middle = x ** y;
  let furthest = 0;
  for (const base of [x - ex, x + ex]) {
    for (const exponent of [y - ey, y + ey]) furthest = Math.max(furthest, distance(base ** exponent, middle));
  }
  return furthest;
}

/** Integers that may be off, because they came from floats: what does not wrap is as for floats. */
function integerError(op: string, x: number, y: number, ex: number, ey: number, type: DataType): number {
  if (op === 'abs' || op === 'neg' || op === 'sign') return ex;
  if (op === 'min' || op === 'max') return Math.max(ex, ey);
  if (op !== 'add' && op !== 'sub' && op !== 'mul') return Infinity;
  const result = op === 'add' ? x + y : op === 'sub' ? x - y : x * y;
  const error = propagate(op, x, y, ex, ey);
  const fits = (value: number) => Number(reference.convertValue(value, 'float32', type)) === value;
  return Math.abs(result) + error < 2 ** 52 && fits(result - error) && fits(result + error) ? error : Infinity;
}

function selectError(isFirst: boolean, uncertain: number, y: number, z: number, ey: number, ez: number): number {
  const [own, other, ownError, otherError] = isFirst ? [y, z, ey, ez] : [z, y, ez, ey];
  return uncertain === 0 ? ownError : Math.max(ownError, distance(own, other) + otherError);
}

const comparisons = {
  equal: true,
  notEqual: true,
  lesser: true,
  lesserOrEqual: true,
  greater: true,
  greaterOrEqual: true,
  and: true,
  or: true,
  xor: true,
  not: true,
  isNaN: true,
  isInfinite: true,
};

function comparisonMayChange(op: string, x: number, y: number, ex: number, ey: number): boolean {
  if (ex === 0 && ey === 0) return false;
  if (ex === Infinity || ey === Infinity) return true;
  if (op === 'isNaN') return false;
  if (op === 'isInfinite') return Math.abs(x) + ex > 1e38;
  if (op === 'not') return Math.abs(x) <= ex;
  if (op === 'and' || op === 'or' || op === 'xor') return Math.abs(x) <= ex || Math.abs(y) <= ey;
  return Math.abs(x - y) <= ex + ey;
}

/** Rounding is monotone, too: the ends of the interval show how far the stored values may be apart. */
export function castError(value: number, error: number, from: DataType, to: DataType): number {
  if (error === Infinity) return Infinity;
  if (reference.isFloat(to) && !reference.isFloat(from) && error === 0) return 0;
  if (error === 0) return to === 'float32' && Math.abs(value) < flushError(to) ? Math.abs(value) : 0;
  const convert = (x: number) => Number(reference.convertValue(x, 'float32', to));
  if (!reference.isFloat(from) && !reference.isFloat(to)) {
    const fits = convert(value - error) === value - error && convert(value + error) === value + error;
    return fits ? error : Infinity;
  }
  return monotone(convert, value, error);
}
