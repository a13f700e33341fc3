import { byteLength, HalyardError, type Program, reference, type Tensor, typeLayouts } from '@halyard/core';
import { distance } from './bounds/bounded.js';

/** One element that a device computed wrongly. */
export interface Mismatch {
  readonly binding: string;
  readonly element: number;
  readonly found: number | bigint;
  readonly expected: number | bigint;
  /** How far it may be off. */
  readonly bound: number;
  /** Of all elements that were compared. */
  readonly count: number;
}

/**
 * Compares what a device left in a program's bindings with what the reference did.
 *
 * @param bounds as `interpretWithBounds` gives them
 * @returns the worst mismatch, or `undefined` if there is none
 */
export function compareBindings(
  program: Program,
  found: readonly Uint8Array[],
  expected: readonly Uint8Array[],
  bounds: readonly Float64Array[],
): Mismatch | undefined {
  for (const [index, binding] of program.bindings.entries()) {
    if (binding.role === 'constant' || binding.role === 'input') continue;
    for (const tensor of program.tensors) {
      if (typeof tensor.at !== 'object' || tensor.at.binding !== index) continue;
      const mismatch = compareTensors(tensor, found[index]!, expected[index]!, bounds[index]!);
      if (mismatch) return { binding: binding.name, ...mismatch };
    }
  }
  return undefined;
}

export function compareTensors(
  tensor: Tensor,
  found: Uint8Array,
  expected: Uint8Array,
  bounds: Float64Array,
): Omit<Mismatch, 'binding'> | undefined {
  const count = reference.elementCount(tensor.shape);
  const read = (bytes: Uint8Array) => {
    const length = byteLength(tensor.type, tensor.shape);
    const memory = { tensors: [tensor], bytes: () => bytes.subarray(tensor.offset, tensor.offset + length) };
    return reference.readView(memory, { tensor: 0, offset: 0, shape: [count], strides: [1] }, 0, count).column;
  };
  const [ours, theirs] = [read(found), read(expected)];
  const size = typeLayouts[tensor.type].bytes;
  let worst: Omit<Mismatch, 'binding'> | undefined;
  let excess = 0;
  for (let i = 0; i < count; i++) {
    const bound = bounds[tensor.offset + i * size]!;
    const away = distanceOf(ours[i]!, theirs[i]!);
    if (away <= bound || away - bound <= excess) continue;
    excess = away - bound;
    worst = { element: i, found: ours[i]!, expected: theirs[i]!, bound, count };
  }
  return worst;
}

function distanceOf(x: number | bigint, y: number | bigint): number {
  if (typeof x === 'number' && typeof y === 'number') return distance(x, y);
  return Math.abs(Number(BigInt(x) - BigInt(y)));
}

/** A mismatch as an error for people. */
export function mismatchError(name: string, mismatch: Mismatch): HalyardError {
  const { binding, element, found, expected, bound, count } = mismatch;
  return new HalyardError('backend-failed', {
    found: `${name}: ${binding}[${element}] of ${count} is ${found}`,
    expected: `${expected}, give or take ${bound}`,
    remedy: 'Compare the step with packages/core/src/reference, which computes it as the contract says.',
  });
}
