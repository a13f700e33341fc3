import type { View } from '@halyard/core';

/** Beyond this, offsets do not fit into 32 bits. */
const most = 2 ** 31 - 1;

/** Whether every element of a view has an offset that fits into 32 bits. */
export function isNear(view: View): boolean {
  let low = view.offset;
  let high = view.offset;
  for (let axis = 0; axis < view.shape.length; axis++) {
    const span = Math.max(view.shape[axis]! - 1, 0) * view.strides[axis]!;
    if (span < 0) low += span;
    else high += span;
  }
  return low >= -most && high <= most;
}

/**
 * The element of the tensor that a view has at coordinates, as C++ code: 32-bit arithmetic where that is enough.
 *
 * @param coordinates one for each axis, of type int; those of axes of extent 1 are not looked at
 * @param extra elements to add
 */
export function elementAt(view: View, coordinates: readonly string[], extra = 0): string {
  const cast = isNear(view) ? '' : '(long long)';
  const terms: string[] = [];
  for (let axis = 0; axis < view.shape.length; axis++) {
    const stride = view.strides[axis]!;
    const coordinate = coordinates[axis]!;
    if (stride === 0 || view.shape[axis] === 1 || coordinate === '0') continue;
    terms.push(stride === 1 ? `${cast}${coordinate}` : `${cast}${coordinate} * ${stride}`);
  }
  const offset = view.offset + extra;
  if (offset !== 0 || terms.length === 0) terms.push(Math.abs(offset) > most ? `${offset}ll` : `${offset}`);
  return terms.join(' + ');
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? Math.abs(a) : commonDivisor(b, a % b));

/**
 * A number of elements, a multiple of which every run of `width` elements along `axis` begins at, where the coordinate
 * along that axis is a multiple of `width`. 0: at the tensor's start, always.
 */
export function elementAlignment(view: View, axis: number, width: number, extra = 0): number {
  let common = Math.abs(view.offset + extra);
  for (let other = 0; other < view.shape.length; other++) {
    if (view.shape[other]! <= 1) continue;
    common = commonDivisor(common, view.strides[other]! * (other === axis ? width : 1));
  }
  return common;
}
