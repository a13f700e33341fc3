import { byteLength, type Tensor, typeLayouts, type View } from '../contract/index.js';
import type { Overlap } from './dependences.js';
import { isBlockType } from './expressions/operators.js';
import { viewsOverlap } from './view-overlap.js';
import { viewRange } from './views.js';

/**
 * Whether two views of a program's tensors may touch common bytes: within one tensor as exactly as strides allow, of
 * two tensors that share a binding or the workspace by the range of bytes from first to last.
 */
export function programOverlap(tensors: readonly Tensor[]): Overlap {
  const known = new Map<View, ByteRange | undefined>();
  const rangeOf = (view: View) => {
    if (!known.has(view)) known.set(view, byteRange(tensors[view.tensor]!, view));
    return known.get(view);
  };
  return (a, b) => {
    if (a.tensor === b.tensor) return viewsOverlap(a, b);
    const rangeA = rangeOf(a);
    const rangeB = rangeOf(b);
    if (!rangeA || !rangeB || rangeA.space !== rangeB.space) return false;
    return rangeA.start < rangeB.end && rangeB.start < rangeA.end;
  };
}

interface ByteRange {
  readonly space: number | 'workspace';
  readonly start: number;
  readonly end: number;
}

/** The bytes that a view touches, first to last; `undefined` if none. */
export function byteRange(tensor: Tensor, view: View): ByteRange | undefined {
  const range = viewRange(view);
  if (!range || tensor.at === 'none') return undefined;
  const space = tensor.at === 'workspace' ? 'workspace' : tensor.at.binding;
  const { elements, bytes } = typeLayouts[tensor.type];
  if (isBlockType(tensor.type) || elements > 1) {
    return { space, start: tensor.offset, end: tensor.offset + byteLength(tensor.type, tensor.shape) };
  }
  return { space, start: tensor.offset + range.lowest * bytes, end: tensor.offset + (range.highest + 1) * bytes };
}
