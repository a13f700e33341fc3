import type { View } from '../contract/index.js';

/*
 * Arithmetic on views: pure, and total over empty dimensions, rank 0, broadcast and reversed axes. The functions that
 * give a view expect arguments that the caller has validated (axes in range, extents that fit).
 */

/** Number of elements; of rank 0, one. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides of a dense tensor. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The whole of a dense tensor of this shape. */
export function contiguous(tensor: number, shape: readonly number[], offset = 0): View {
  return { tensor, offset, shape: [...shape], strides: contiguousStrides(shape) };
}

/** Axis i of the result is axis `permutation[i]` of the view. */
export function transpose(view: View, permutation: readonly number[]): View {
  return {
    tensor: view.tensor,
    offset: view.offset,
    shape: permutation.map((axis) => view.shape[axis]!),
    strides: permutation.map((axis) => view.strides[axis]!),
  };
}

/** Along each axis `sizes` elements from `starts` on, `steps` (left out: 1; may be negative) apart. */
export function slice(
  view: View,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): View {
  // Of an empty slice the start may lie outside.
  const isEmpty = elementCount(sizes) === 0;
  return {
    tensor: view.tensor,
    offset: isEmpty
      ? view.offset
      : starts.reduce((offset, start, axis) => offset + start * view.strides[axis]!, view.offset),
    shape: [...sizes],
    strides: view.strides.map((stride, axis) => stride * steps[axis]!),
  };
}

/** `size` elements from `start` on along one axis. */
export function narrow(view: View, axis: number, start: number, size: number, step = 1): View {
  const along = (value: number, otherwise: readonly number[]) =>
    otherwise.map((other, at) => (at === axis ? value : other));
  const zeros = view.shape.map(() => 0);
  const ones = view.shape.map(() => 1);
  return slice(view, along(start, zeros), along(size, view.shape), along(step, ones));
}

/** The same elements, last first along each of `axes`. */
export function reverse(view: View, axes: readonly number[]): View {
  const isReversed = view.shape.map((_, axis) => axes.includes(axis));
  return slice(
    view,
    view.shape.map((extent, axis) => (isReversed[axis] && extent > 0 ? extent - 1 : 0)),
    view.shape,
    isReversed.map((reversed) => (reversed ? -1 : 1)),
  );
}

/** Broadcast to `shape`, axes aligned at the last: missing axes and axes of extent 1 get stride 0. */
export function broadcast(view: View, shape: readonly number[]): View {
  const missing = shape.length - view.shape.length;
  return {
    tensor: view.tensor,
    offset: view.offset,
    shape: [...shape],
    strides: shape.map((extent, axis) => {
      const from = axis - missing;
      return from < 0 || (view.shape[from] === 1 && extent !== 1) ? 0 : view.strides[from]!;
    }),
  };
}

/** An axis of `extent` (stride 0) put in before `axis`. */
export function insertAxis(view: View, axis: number, extent = 1): View {
  return {
    tensor: view.tensor,
    offset: view.offset,
    shape: [...view.shape.slice(0, axis), extent, ...view.shape.slice(axis)],
    strides: [...view.strides.slice(0, axis), 0, ...view.strides.slice(axis)],
  };
}

/** The same elements in the same order over as few axes as can be: extents of 1 vanish, neighbours merge. */
export function coalesce(view: View): View {
  if (elementCount(view.shape) === 0) return { tensor: view.tensor, offset: view.offset, shape: [0], strides: [1] };
  const shape: number[] = [];
  const strides: number[] = [];
  view.shape.forEach((extent, axis) => {
    const stride = view.strides[axis]!;
    const last = shape.length - 1;
    if (extent === 1) return;
    if (last >= 0 && strides[last] === stride * extent) {
      shape[last]! *= extent;
      strides[last] = stride;
    } else {
      shape.push(extent);
      strides.push(stride);
    }
  });
  return { tensor: view.tensor, offset: view.offset, shape, strides };
}

/**
 * A view of a view. `inner` is over a dense tensor whose elements are, in row-major order, those of `outer`; the result
 * reads (or writes) the same elements where `outer` has them. `undefined` where no strides can say it.
 */
export function compose(inner: View, outer: View): View | undefined {
  const shape = [...inner.shape];
  if (elementCount(shape) === 0) {
    return { tensor: outer.tensor, offset: outer.offset, shape, strides: contiguousStrides(shape) };
  }
  const base = coalesce(outer);
  const dense = contiguousStrides(base.shape);
  const start = digits(inner.offset, dense);
  const lowest = [...start];
  const highest = [...start];
  const strides = inner.strides.map((stride, axis) => {
    const reach = inner.shape[axis]! - 1;
    if (reach === 0) return 0;
    let composed = 0;
    digits(stride, dense).forEach((digit, at) => {
      (digit < 0 ? lowest : highest)[at]! += digit * reach;
      composed += digit * base.strides[at]!;
    });
    return composed;
  });
  // No index may carry into the next axis of the outer view, where the distance between elements is another.
  if (base.shape.some((extent, at) => lowest[at]! < 0 || highest[at]! >= extent)) return undefined;
  const offset = start.reduce((sum, digit, at) => sum + digit * base.strides[at]!, outer.offset);
  return { tensor: outer.tensor, offset, shape, strides };
}

/** A distance in a dense tensor as whole steps along its axes, all of one sign. */
function digits(distance: number, strides: readonly number[]): number[] {
  let rest = Math.abs(distance);
  const sign = distance < 0 ? -1 : 1;
  return strides.map((stride) => {
    const digit = Math.floor(rest / stride);
    rest -= digit * stride;
    return digit === 0 ? 0 : sign * digit;
  });
}

/** The same elements in row-major order under another shape, if strides can say it; else it takes a copy. */
export function reshape(view: View, shape: readonly number[]): View | undefined {
  if (sameShape(view.shape, shape)) return view;
  return compose(contiguous(0, shape), view);
}

/** Whether the view reads consecutive elements in row-major order, from any offset. An empty view does. */
export function isContiguous(view: View): boolean {
  const { shape, strides } = coalesce(view);
  return shape.length === 0 || (shape.length === 1 && strides[0] === 1);
}

/** Whether the view is the whole of a dense tensor of this shape, element for element. */
export function isWhole(view: View, tensorShape: readonly number[]): boolean {
  return elementCount(view.shape) === elementCount(tensorShape) && view.offset === 0 && isContiguous(view);
}

/** Whether both read the same element at each index. Strides along extents of 0 or 1 do not matter. */
export function sameView(a: View, b: View): boolean {
  if (a.tensor !== b.tensor || !sameShape(a.shape, b.shape)) return false;
  if (elementCount(a.shape) === 0) return true;
  return a.offset === b.offset && a.shape.every((extent, axis) => extent === 1 || a.strides[axis] === b.strides[axis]);
}

/** The lowest and the highest element that a view touches. */
export interface ViewRange {
  readonly lowest: number;
  readonly highest: number;
}

/** `undefined` if the view is empty. */
export function viewRange({ offset, shape, strides }: View): ViewRange | undefined {
  if (elementCount(shape) === 0) return undefined;
  let lowest = offset;
  let highest = offset;
  for (let axis = 0; axis < shape.length; axis++) {
    const reach = strides[axis]! * (shape[axis]! - 1);
    if (reach < 0) lowest += reach;
    else highest += reach;
  }
  return { lowest, highest };
}

/** Whether each element is touched once at most: sufficient, not necessary. Only such a view may be written. */
export function isInjective(view: View): boolean {
  const axes = view.shape
    .map((extent, axis) => ({ extent, stride: Math.abs(view.strides[axis]!) }))
    .filter(({ extent }) => extent > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { extent, stride } of axes) {
    if (stride <= reach) return elementCount(view.shape) === 0;
    reach += stride * (extent - 1);
  }
  return true;
}
