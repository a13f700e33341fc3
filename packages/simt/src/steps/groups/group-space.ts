import type { Operand, View } from '@halyard/core';
import { countOf } from '../../space/decompose.js';
import { type Layout, mergeAxes, operandLayouts, orderByStride } from '../../space/layouts.js';
import { Regrouping } from '../../space/regrouping.js';

/** A shape whose elements are taken in groups: those that differ only along some axes. */
export interface GroupSpace {
  /** Kept axes, then those along which a group extends. */
  readonly space: Regrouping;
  readonly kept: readonly number[];
  readonly along: readonly number[];
  /** How many there are. */
  readonly groups: number;
  /** Elements of each. */
  readonly size: number;
}

/**
 * @param x what is read
 * @param axes along which a group extends
 * @param layouts of all else that the step touches, over the shape of `x`
 * @param rows axes that stay even with extent 1
 */
export function groupSpace(
  x: Operand,
  axes: readonly number[],
  layouts: readonly Layout[],
  rows: readonly number[],
): GroupSpace {
  const order = orderByStride(x.strides);
  const isAlong = (axis: number) => axes.includes(axis);
  const sorted = [...order.filter((axis) => !isAlong(axis)), ...order.filter(isAlong)];
  const merged = mergeAxes(x.shape, sorted, [...operandLayouts(x), ...layouts], {
    isTogether: (slow, fast) => isAlong(slow) === isAlong(fast),
    kept: rows,
  });
  const space = new Regrouping(x.shape, merged);
  const keptRank = merged.filter((group) => !isAlong(group[0]!)).length;
  const kept = space.shape.slice(0, keptRank);
  const along = space.shape.slice(keptRank);
  return { space, kept, along, groups: countOf(kept), size: countOf(along) };
}

/** Whether the elements of a group lie closer to each other than groups do. */
export function isRowWise(x: View, { kept, along }: GroupSpace): boolean {
  if (kept.length === 0 || along.length === 0) return true;
  const nearest = (strides: readonly number[]) => Math.min(...strides.map(Math.abs).filter((stride) => stride > 0));
  const inner = nearest(x.strides.slice(kept.length));
  return inner === Infinity || inner <= nearest(x.strides.slice(0, kept.length));
}
