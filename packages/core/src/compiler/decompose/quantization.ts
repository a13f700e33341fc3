import type { View } from '../../contract/index.js';
import { broadcast, reshape } from '../views.js';
import type { Lowering, OperatorScope } from './operator-scope.js';

/** roundEven(x/scale) + zeroPoint; the cast saturates. */
const quantizeLinear: Lowering = (scope) => {
  const { x, scale, zeroPoint, result } = blockwise(scope);
  scope.mapInto([result], (formula) => {
    const quotient = formula.apply('div', formula.readWide(x), formula.readWide(scale));
    const point = formula.cast(formula.read(zeroPoint), 'float32');
    return [formula.cast(formula.apply('add', formula.apply('roundEven', quotient), point), scope.resultType())];
  });
};

/** (q − zeroPoint)·scale. */
const dequantizeLinear: Lowering = (scope) => {
  const { x, scale, zeroPoint, result } = blockwise(scope);
  scope.mapInto([result], (formula) => {
    const point = formula.cast(formula.read(zeroPoint), 'float32');
    const difference = formula.apply('sub', formula.cast(formula.read(x), 'float32'), point);
    return [formula.apply('mul', difference, formula.readWide(scale))];
  });
};

/**
 * Views of one shape in which each axis with several blocks of several elements is split in two, so that scale and zero
 * point are repeated within a block by stride 0.
 */
function blockwise(scope: OperatorScope) {
  const [x, scale, zeroPoint] = scope.inputs as [View, View, View];
  const blocks: number[] = [];
  const split: number[] = [];
  x.shape.forEach((extent, axis) => {
    const count = scale.shape[axis]!;
    const isSplit = count > 1 && count < extent;
    split.push(...(isSplit ? [count, extent / count] : [extent]));
    blocks.push(...(isSplit ? [count, 1] : [count]));
  });
  // To split an axis, and to add one of extent 1, never takes a copy.
  return {
    x: reshape(x, split)!,
    scale: broadcast(reshape(scale, blocks)!, split),
    zeroPoint: broadcast(reshape(zeroPoint, blocks)!, split),
    result: reshape(scope.allocate(), split)!,
  };
}

export const quantizationLowerings: Readonly<Record<string, Lowering>> = { quantizeLinear, dequantizeLinear };
