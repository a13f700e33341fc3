import type { View } from '../../contract/index.js';
import { maximumRank } from '../../graph/shape.js';
import { broadcast, elementCount, insertAxis, narrow, reshape, reverse } from '../views.js';
import type { Lowering, OperatorScope } from './operator-scope.js';

/** Maps that write disjoint parts of one tensor. */
const concat: Lowering = (scope) => {
  const axis = scope.number('axis');
  if (scope.inputs.length === 1) {
    scope.alias(scope.input(0));
    return;
  }
  const parts = scope.inputs.filter((view) => view.shape[axis]! > 0);
  const whole = scope.allocate();
  let start = 0;
  for (const part of parts) {
    const size = part.shape[axis]!;
    scope.copy(part, narrow(whole, axis, start, size));
    start += size;
  }
};

const pad: Lowering = (scope) => {
  const before = scope.numbers('beginningPadding');
  const after = scope.numbers('endingPadding');
  const padded = before.map((_, axis) => axis).filter((axis) => before[axis]! + after[axis]! > 0);
  if (padded.length === 0) scope.alias(scope.input(0));
  else if (scope.text('mode') === 'constant') padWithConstant(scope, padded);
  else padWithCopies(scope, padded);
};

/** The slabs of one axis span what the axes before it leave in the middle, and all of those behind it. */
function padWithConstant(scope: OperatorScope, padded: readonly number[]): void {
  const { shape } = scope.input(0);
  const value = scope.operator.attributes.value as number | string;
  let middle = scope.allocate();
  for (const axis of padded) {
    const before = scope.numbers('beginningPadding')[axis]!;
    const after = scope.numbers('endingPadding')[axis]!;
    const slabs = [narrow(middle, axis, 0, before), narrow(middle, axis, before + shape[axis]!, after)];
    for (const slab of slabs.filter((view) => elementCount(view.shape) > 0)) {
      scope.mapInto([slab], (formula) => [formula.constant(value, scope.resultType())]);
    }
    middle = narrow(middle, axis, before, shape[axis]!);
  }
  scope.copy(scope.input(0), middle);
}

/** Axis by axis: the middle and both sides are read from what the axes before gave. */
function padWithCopies(scope: OperatorScope, padded: readonly number[]): void {
  const isEdge = scope.text('mode') === 'edge';
  let source = scope.input(0);
  for (const axis of padded) {
    const extent = source.shape[axis]!;
    const before = scope.numbers('beginningPadding')[axis]!;
    const after = scope.numbers('endingPadding')[axis]!;
    const shape = source.shape.with(axis, before + extent + after);
    const isLast = axis === padded.at(-1);
    const whole: View = isLast ? scope.allocate() : scope.module.temporary(scope.resultType(), shape);
    const side = (edge: number, mirrored: number, size: number) =>
      isEdge
        ? broadcast(narrow(source, axis, edge, 1), shape.with(axis, size))
        : reverse(narrow(source, axis, mirrored, size), [axis]);
    scope.copy(source, narrow(whole, axis, before, extent));
    if (before > 0) scope.copy(side(0, 1, before), narrow(whole, axis, 0, before));
    if (after > 0) scope.copy(side(extent - 1, extent - 1 - after, after), narrow(whole, axis, before + extent, after));
    source = whole;
  }
}

/** Axes of extent 1 are repeated by a view, the others by maps. */
const tile: Lowering = (scope) => {
  const repetitions = scope.numbers('repetitions');
  const source = scope.input(0);
  if (elementCount(scope.result().shape) === 0) {
    scope.allocate();
    return;
  }
  const spread = broadcast(
    source,
    source.shape.map((extent, axis) => (extent === 1 ? repetitions[axis]! : extent)),
  );
  const copied = repetitions.map((_, axis) => axis).filter((axis) => spread.shape[axis] !== scope.result().shape[axis]);
  if (copied.length === 0) scope.alias(spread);
  else if (spread.shape.length + copied.length <= maximumRank) tileAtOnce(scope, spread, copied);
  else tileByAxes(scope, spread, copied);
};

/** Repetition is an axis of stride 0 before the one that is repeated. */
function tileAtOnce(scope: OperatorScope, source: View, axes: readonly number[]): void {
  const repetitions = scope.numbers('repetitions');
  // From the last on, so that axes before keep their numbers.
  const repeated = axes.reduceRight((view, axis) => insertAxis(view, axis, repetitions[axis]!), source);
  scope.copy(repeated, reshape(scope.allocate(), repeated.shape)!);
}

/** One axis after another, those before and behind it merged, so that the views keep to the rank of devices. */
function tileByAxes(scope: OperatorScope, source: View, axes: readonly number[]): void {
  let dense = scope.materialize(source);
  for (const axis of axes) {
    const repetition = scope.numbers('repetitions')[axis]!;
    const { shape } = dense;
    const [before, after] = [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))];
    const whole =
      axis === axes.at(-1)
        ? scope.allocate()
        : scope.module.temporary(scope.resultType(), shape.with(axis, shape[axis]! * repetition));
    const repeated = insertAxis(reshape(dense, [before, after])!, 1, repetition);
    scope.copy(repeated, reshape(whole, repeated.shape)!);
    dense = whole;
  }
}

export const compositionLowerings: Readonly<Record<string, Lowering>> = { concat, pad, tile };
