import type { View } from '../contract/index.js';

type Layout = Pick<View, 'offset' | 'shape' | 'strides'>;

/** Strides of a dense row-major tensor. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The same elements in the same order with as few axes as can be. */
function collapse(view: Layout): Layout {
  const shape: number[] = [];
  const strides: number[] = [];
  for (let axis = 0; axis < view.shape.length; axis++) {
    const extent = view.shape[axis]!;
    const stride = view.strides[axis]!;
    if (extent === 1) continue;
    if (shape.length > 0 && strides.at(-1) === stride * extent) {
      shape[shape.length - 1]! *= extent;
      strides[strides.length - 1] = stride;
    } else {
      shape.push(extent);
      strides.push(stride);
    }
  }
  return { offset: view.offset, shape, strides };
}

/**
 * Visits elements `start` to `start + count` of a view in row-major order, in runs along its innermost axis.
 *
 * @param visit is given the element of the tensor where a run begins, its stride and length, and how many came before
 */
export function walk(
  view: Layout,
  start: number,
  count: number,
  visit: (element: number, stride: number, length: number, before: number) => void,
): void {
  if (count === 0) return;
  const { offset, shape, strides } = collapse(view);
  const rank = shape.length;
  if (rank === 0) {
    visit(offset, 0, 1, 0);
    return;
  }
  const index = new Array<number>(rank).fill(0);
  let rest = start;
  for (let axis = rank - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  const innermost = rank - 1;
  const inner = strides[innermost]!;
  for (let done = 0; done < count; ) {
    let element = offset;
    for (let axis = 0; axis < rank; axis++) element += index[axis]! * strides[axis]!;
    const length = Math.min(shape[innermost]! - index[innermost]!, count - done);
    visit(element, inner, length, done);
    done += length;
    index[innermost] = 0;
    for (let axis = innermost - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The index along one axis of each of `count` elements from `start` on, of a shape in row-major order. */
export function coordinates(shape: readonly number[], axis: number, start: number, count: number): Float64Array {
  const stride = denseStrides(shape)[axis]!;
  const extent = shape[axis]!;
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) result[i] = Math.floor((start + i) / stride) % extent;
  return result;
}

/** The view with its axes in another order: axis i of the result is axis `order[i]` of the view. */
export function permuteView<V extends View>(view: V, order: readonly number[]): V {
  return {
    ...view,
    shape: order.map((axis) => view.shape[axis]!),
    strides: order.map((axis) => view.strides[axis]!),
  };
}
