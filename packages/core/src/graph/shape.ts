import { byteLength } from '../contract/index.js';
import { blockElements } from './data-types.js';
import { describe, describeShape, rejectArgument } from './errors.js';
import type { MLOperandDescriptor } from './operand.js';

/** The most dimensions that an operand may have. */
export const maximumRank = 8;

/**
 * Checks that dimensions are whole, not negative and few enough, and that elements and bytes can be counted exactly.
 * Unlike WebNN, a dimension may be 0.
 */
export function checkShape(where: string, { dataType, shape }: MLOperandDescriptor): void {
  if (!Array.isArray(shape) || shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0)) {
    rejectArgument(
      where,
      `shape ${describe(shape)}`,
      'a list of dimensions, each a whole number from 0 on',
      'Give every dimension as a non-negative integer.',
    );
  }
  if (shape.length > maximumRank) {
    rejectArgument(
      where,
      `shape ${describeShape(shape)} of rank ${shape.length}`,
      `at most ${maximumRank} dimensions`,
      'Merge neighbouring dimensions with reshape.',
    );
  }
  // An empty dimension must not hide that the others cannot be counted.
  const counted = shape.map((extent) => Math.max(extent, 1));
  if (
    !Number.isSafeInteger(counted.reduce((a, b) => a * b, 1)) ||
    !Number.isSafeInteger(byteLength(dataType, counted))
  ) {
    rejectArgument(
      where,
      `shape ${describeShape(shape)} of ${dataType}`,
      'fewer than 2^53 elements and bytes',
      'Make the tensor smaller.',
    );
  }
}

/** Checks that rows of a block-quantized tensor hold whole blocks. */
export function checkBlocks(where: string, { dataType, shape }: MLOperandDescriptor): void {
  const block = blockElements(dataType);
  const innermost = shape.at(-1);
  if (block > 1 && (innermost === undefined || innermost % block !== 0)) {
    rejectArgument(
      where,
      `${dataType} of shape ${describeShape(shape)}`,
      `an innermost dimension that is a multiple of ${block}`,
      `Store the tensor so that each row holds whole blocks of ${block} elements.`,
    );
  }
}

/**
 * Both shapes broadcast to one, axes aligned at the last; `undefined` if they do not fit.
 *
 * @see https://www.w3.org/TR/webnn/#bidirectionally-broadcastable
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const extentA = a[axis - rank + a.length] ?? 1;
    const extentB = b[axis - rank + b.length] ?? 1;
    if (extentA !== extentB && extentA !== 1 && extentB !== 1) return undefined;
    shape.push(extentA === 1 ? extentB : extentA);
  }
  return shape;
}

/**
 * Whether `from` can be broadcast to exactly `to`.
 *
 * @see https://www.w3.org/TR/webnn/#unidirectionally-broadcastable
 */
export function canBroadcastTo(from: readonly number[], to: readonly number[]): boolean {
  const missing = to.length - from.length;
  return missing >= 0 && from.every((extent, axis) => extent === 1 || extent === to[axis + missing]);
}

/** Whether each dimension of `to` is a whole multiple of that of `from`: one element of `from` for each block. */
export function canBroadcastBlockwise(from: readonly number[], to: readonly number[]): boolean {
  return (
    from.length === to.length &&
    from.every((extent, axis) => (extent === 0 ? to[axis] === 0 : to[axis]! % extent === 0))
  );
}
