import type { StepKinds, View } from '../../contract/index.js';
import { contiguousStrides } from '../views.js';
import type { Formula, Value } from './formula.js';
import type { Lowering, OperatorScope } from './operator-scope.js';

type Form = StepKinds['normalize']['attributes']['form'];

const softmax: Lowering = (scope) => normalize(scope, 'softmax', [scope.number('axis')], 0);

/** Layer and root-mean-square normalization: scale and bias have the extents of the axes, in their order. */
function overAxes(form: Form): Lowering {
  return (scope) => {
    const axes = scope.numbers('axes');
    normalize(scope, form, axes, scope.number('epsilon'), (view) => alongAxes(view, axes, scope.result().shape.length));
  };
}

const instanceNormalization: Lowering = (scope) => {
  const [channel, spatial] = scope.text('layout') === 'nchw' ? [1, [2, 3]] : [3, [1, 2]];
  normalize(scope, 'layer', spatial, scope.number('epsilon'), (view) => alongAxes(view, [channel], 4));
};

/** Mean and variance are given, so that it is a map: (x − mean)/√(variance + epsilon)·scale + bias. */
const batchNormalization: Lowering = (scope) => {
  const rank = scope.result().shape.length;
  const feature = (view: View) => alongAxes(view, [scope.number('axis')], rank);
  scope.map((formula) => {
    const [x, mean, variance] = [scope.input(0), feature(scope.input(1)), feature(scope.input(2))].map((view) =>
      formula.readWide(view),
    );
    const deviation = formula.apply('sqrt', formula.applyNumber('add', variance!, scope.number('epsilon')));
    const normal = formula.apply('div', formula.apply('sub', x!, mean!), deviation);
    return scaleAndShift(formula, normal, scope.optional(3), scope.optional(4), feature);
  });
};

/** Inputs 1 and 2, if there, are scale and bias, laid along the result by `along`. */
function normalize(
  scope: OperatorScope,
  form: Form,
  axes: readonly number[],
  epsilon: number,
  along: (view: View) => View = (view) => view,
): void {
  const output = scope.allocate();
  const epilogue = scope.epilogue(output, 'float32', (formula, result) =>
    scaleAndShift(formula, result, scope.optional(1), scope.optional(2), along),
  );
  scope.step(
    'normalize',
    [scope.input(0)],
    [output],
    { form, axes: [...axes].sort((a, b) => a - b), epsilon },
    epilogue,
  );
}

function scaleAndShift(
  formula: Formula,
  value: Value,
  scale: View | undefined,
  bias: View | undefined,
  along: (view: View) => View,
): Value {
  const scaled = scale ? formula.apply('mul', value, formula.readWide(along(scale))) : value;
  return bias ? formula.apply('add', scaled, formula.readWide(along(bias))) : scaled;
}

/** A view whose axis i lies along axis `axes[i]` of `rank` axes; the others have extent 1. */
function alongAxes(view: View, axes: readonly number[], rank: number): View {
  const shape = new Array<number>(rank).fill(1);
  const strides = contiguousStrides(shape).fill(0);
  axes.forEach((axis, at) => {
    shape[axis] = view.shape[at]!;
    strides[axis] = view.strides[at]!;
  });
  return { tensor: view.tensor, offset: view.offset, shape, strides };
}

export const normalizationLowerings: Readonly<Record<string, Lowering>> = {
  softmax,
  batchNormalization,
  instanceNormalization,
  layerNormalization: overAxes('layer'),
  rmsNormalization: overAxes('rms'),
};
