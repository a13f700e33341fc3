import { coordinatesOf, elementOf } from './shadow.js';

/** For each place with 0 on `axes`, in row-major order, the places of all elements along `axes`. */
export function groups(shape: readonly number[], axes: readonly number[]): number[][] {
  const kept = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const along = axes.map((axis) => shape[axis]!);
  const strides = stridesOf(shape);
  const inner = Array.from({ length: count(along) }, (_, place) =>
    elementOf({ offset: 0, strides: axes.map((axis) => strides[axis]!) }, coordinatesOf(along, place)),
  );
  return Array.from({ length: count(kept) }, (_, place) => {
    const first = elementOf({ offset: 0, strides }, coordinatesOf(kept, place));
    return inner.map((offset) => first + offset);
  });
}

const count = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)));
}
