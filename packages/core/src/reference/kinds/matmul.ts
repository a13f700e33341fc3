import type { DataType, Operand, Step } from '../../contract/index.js';
import { type Column, type Dense, elementCount, isBig, isFloat, numbers, part } from '../column.js';
import { widen } from '../convert.js';
import type { Memory } from '../memory.js';
import { loadOperand, permuteOperand, readOperand } from '../operand.js';
import { binary, type Scalar } from '../scalar.js';
import { createDense } from '../store.js';

/** Columns of b that are read, and dequantized, at a time. */
const panelElements = 65536;
/** Multiplications between two points at which a run may pause. */
const sliceMultiplications = 2 ** 21;

/**
 * Products in double, whatever `multiply` allows: it says what rounding a device may do, and this is what that
 * rounding approximates. Sums are rounded nowhere; with an integer `accumulate` they wrap.
 */
export function* matmul(memory: Memory, step: Step<'matmul'>): Generator<void, Dense[]> {
  const [left, ...rights] = step.inputs as readonly Operand[];
  const { accumulate } = step.attributes;
  const a = yield* loadOperand(memory, left!);
  const rows: Dense = { ...a, values: widen(a.values, a.type, accumulate) };
  const results: Dense[] = [];
  for (const right of rights) results.push(yield* product(memory, rows, right, accumulate));
  return results;
}

function* product(memory: Memory, a: Dense, right: Operand, accumulate: DataType): Generator<void, Dense> {
  const rank = right.shape.length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  order.splice(rank - 2, 2, rank - 1, rank - 2);
  const columns = permuteOperand(right, order);
  const m = a.shape[rank - 2]!;
  const k = a.shape[rank - 1]!;
  const n = right.shape[rank - 1]!;
  const batches = elementCount(right.shape.slice(0, -2));
  const result = createDense(accumulate, [...right.shape.slice(0, -2), m, n]);
  const width = Math.max(1, Math.floor(panelElements / Math.max(k, 1)));
  const isPaired = isFloat(accumulate);
  const multiply = isPaired ? multiplyRow : integerRow(accumulate);
  let handled = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let j = 0; j < n; j += width) {
      const count = Math.min(width, n - j);
      const read = readOperand(memory, columns, (batch * n + j) * k, count * k);
      const panel = widen(read.column, read.type, accumulate);
      const row = (i: number) => part(a.values, (batch * m + i) * k, k);
      const target = (i: number) => part(result.values, (batch * m + i) * n + j, count);
      for (let i = 0; i < m; ) {
        const rows = isPaired && i + 1 < m ? 2 : 1;
        if (rows === 2) multiplyRows(row(i), row(i + 1), panel, k, count, target(i), target(i + 1));
        else multiply(row(i), panel, k, count, target(i));
        i += rows;
        handled += rows * k * count;
        if (handled > sliceMultiplications) {
          handled = 0;
          yield;
        }
      }
      yield;
    }
  }
  return result;
}

/** Two rows at a time, for speed: what is read of b is used twice. */
function multiplyRows(
  upper: Column,
  lower: Column,
  panel: Column,
  k: number,
  count: number,
  toUpper: Column,
  toLower: Column,
): void {
  const x = numbers(upper);
  const y = numbers(lower);
  const b = numbers(panel);
  const whole = count - (count % 4);
  for (let j = 0; j < whole; j += 4) {
    const b0 = b.subarray(j * k, (j + 1) * k);
    const b1 = b.subarray((j + 1) * k, (j + 2) * k);
    const b2 = b.subarray((j + 2) * k, (j + 3) * k);
    const b3 = b.subarray((j + 3) * k, (j + 4) * k);
    let x0 = 0;
    let x1 = 0;
    let x2 = 0;
    let x3 = 0;
    let y0 = 0;
    let y1 = 0;
    let y2 = 0;
    let y3 = 0;
    for (let i = 0; i < k; i++) {
      const above = x[i]!;
      const below = y[i]!;
      const v0 = b0[i]!;
      const v1 = b1[i]!;
      const v2 = b2[i]!;
      const v3 = b3[i]!;
      x0 += above * v0;
      x1 += above * v1;
      x2 += above * v2;
      x3 += above * v3;
      y0 += below * v0;
      y1 += below * v1;
      y2 += below * v2;
      y3 += below * v3;
    }
    toUpper[j] = x0;
    toUpper[j + 1] = x1;
    toUpper[j + 2] = x2;
    toUpper[j + 3] = x3;
    toLower[j] = y0;
    toLower[j + 1] = y1;
    toLower[j + 2] = y2;
    toLower[j + 3] = y3;
  }
  const rest = count - whole;
  multiplyRow(upper, part(panel, whole * k, rest * k), k, rest, part(toUpper, whole, rest));
  multiplyRow(lower, part(panel, whole * k, rest * k), k, rest, part(toLower, whole, rest));
}

/** One row of a with `count` columns of b, each k elements one after another. Four columns at a time for speed. */
function multiplyRow(row: Column, panel: Column, k: number, count: number, to: Column): void {
  const a = numbers(row);
  const b = numbers(panel);
  const target = numbers(to);
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    const b0 = b.subarray(j * k, (j + 1) * k);
    const b1 = b.subarray((j + 1) * k, (j + 2) * k);
    const b2 = b.subarray((j + 2) * k, (j + 3) * k);
    const b3 = b.subarray((j + 3) * k, (j + 4) * k);
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = 0; i < k; i++) {
      const value = a[i]!;
      sum0 += value * b0[i]!;
      sum1 += value * b1[i]!;
      sum2 += value * b2[i]!;
      sum3 += value * b3[i]!;
    }
    target[j] = sum0;
    target[j + 1] = sum1;
    target[j + 2] = sum2;
    target[j + 3] = sum3;
  }
  for (; j < count; j++) {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[i]! * b[j * k + i]!;
    target[j] = sum;
  }
}

function integerRow(type: DataType): typeof multiplyRow {
  const add = binary('add', type) as (x: Scalar, y: Scalar) => Scalar;
  const multiply = binary('mul', type) as (x: Scalar, y: Scalar) => Scalar;
  return (row, panel, k, count, to) => {
    for (let j = 0; j < count; j++) {
      let sum: Scalar = isBig(type) ? 0n : 0;
      for (let i = 0; i < k; i++) sum = add(sum, multiply(row[i]!, panel[j * k + i]!));
      to[j] = sum;
    }
  };
}
