import type { KernelWriter } from '../kernel/kernel-writer.js';

/** How many elements a shape has. */
export const countOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** The C type of an index up to a count. */
export const indexName = (count: number): string => (count < 2 ** 31 ? 'int' : 'long long');

/**
 * The coordinates of an element of a shape, given its index in row-major order: a constant of type int for each axis.
 *
 * @param index a name, of type int or long long
 */
export function decompose(writer: KernelWriter, index: string, shape: readonly number[]): string[] {
  const coordinates: string[] = new Array(shape.length);
  let rest = index;
  let left = countOf(shape);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis]!;
    left /= extent;
    if (extent === 1) {
      coordinates[axis] = '0';
      continue;
    }
    coordinates[axis] = writer.define('int', 'c', left === 1 ? `(int)${rest}` : `(int)(${rest} % ${extent})`);
    if (left !== 1) rest = writer.define(indexName(left), 'n', `${rest} / ${extent}`);
  }
  return coordinates;
}
