import type { Expression, Operand, Step, Target, View } from '@halyard/core';

/**
 * How something that a step touches moves with its axes: by strides. Two axes can be taken for one where all layouts
 * move from the end of one to the start of the other in the same step.
 */
export type Layout = readonly number[];

const unit = (rank: number, axis: number): Layout =>
  Array.from({ length: rank }, (_, other) => (other === axis ? 1 : 0));

const ofView = ({ shape, strides }: View): Layout => strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride));

/** Of an expression over a shape of some rank: its inputs, and the axes whose coordinate it asks for. */
export function expressionLayouts(expression: Expression | undefined, rank: number): Layout[] {
  if (!expression) return [];
  const coordinates = expression.body.filter(({ op }) => op === 'coordinate');
  return [...expression.inputs.map(ofView), ...coordinates.map(({ value }) => unit(rank, Number(value)))];
}

export function operandLayouts(operand: Operand): Layout[] {
  const rank = operand.shape.length;
  const { quantization } = operand;
  const layouts = [ofView(operand), ...expressionLayouts(operand.prologue, rank)];
  if (!quantization) return layouts;
  for (const view of [quantization.scale, quantization.zeroPoint]) if (view) layouts.push(view.strides);
  for (const [axis, extent] of quantization.block.entries()) if (extent !== 1) layouts.push(unit(rank, axis));
  return layouts;
}

export function targetLayouts(target: Target): Layout[] {
  const { rows, strides } = target;
  return rows ? [strides, unit(strides.length, rows.axis)] : [ofView(target)];
}

/** The axes along which rows are named at run time: they are looked at whatever their extent. */
export const rowAxes = (targets: readonly Target[]): number[] =>
  targets.flatMap(({ rows }) => (rows ? [rows.axis] : []));

/** Of all that a step's results meet: its epilogue and its targets. */
export function resultLayouts({ outputs, epilogue }: Pick<Step, 'outputs' | 'epilogue'>, rank: number): Layout[] {
  return [...expressionLayouts(epilogue, rank), ...outputs.flatMap(targetLayouts)];
}

/**
 * Takes neighbouring axes together wherever no layout tells them apart, and drops those of extent 1.
 *
 * @param order the axes, slowest first
 * @param options.isTogether whether two axes may be taken together at all
 * @param options.kept axes that stay even with extent 1
 */
export function mergeAxes(
  shape: readonly number[],
  order: readonly number[],
  layouts: readonly Layout[],
  options: { readonly isTogether?: (slow: number, fast: number) => boolean; readonly kept?: readonly number[] } = {},
): number[][] {
  const { isTogether = () => true, kept = [] } = options;
  const groups: number[][] = [];
  for (const axis of order) {
    if (shape[axis] === 1 && !kept.includes(axis)) continue;
    const last = groups.at(-1)?.at(-1);
    const fits =
      last !== undefined &&
      isTogether(last, axis) &&
      layouts.every((strides) => strides[last] === strides[axis]! * shape[axis]!);
    if (fits) groups.at(-1)!.push(axis);
    else groups.push([axis]);
  }
  return groups;
}

/** The axes of a view from the one with the greatest stride to the one with the least; as they are where equal. */
export function orderByStride(strides: readonly number[]): number[] {
  return strides.map((_, axis) => axis).sort((a, b) => Math.abs(strides[b]!) - Math.abs(strides[a]!) || a - b);
}
