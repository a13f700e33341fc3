import type { DataType, Expression, StepKinds, View } from '../../contract/index.js';
import { isFloat } from '../expressions/operators.js';
import { reshape } from '../views.js';
import type { Formula, Value } from './formula.js';
import type { Lowering, OperatorScope } from './operator-scope.js';

type Combine = StepKinds['reduce']['attributes']['combine'];

interface Reduction {
  readonly combine: Combine;
  /** Done to each element, in the data type of the running value. */
  readonly before?: (formula: Formula, element: Value) => Value;
  /** Done to the result. `count`: how many elements were reduced. */
  readonly after?: (formula: Formula, result: Value, count: number) => Value;
}

const square = (formula: Formula, x: Value) => formula.apply('mul', x, x);

function magnitude(formula: Formula, x: Value): Value {
  return formula.typeOf(x).startsWith('u') ? x : formula.apply('abs', x);
}

const reductions: Readonly<Record<string, Reduction>> = {
  reduceL1: { combine: 'sum', before: magnitude },
  reduceL2: { combine: 'sum', before: square, after: (formula, sum) => formula.apply('sqrt', sum) },
  reduceLogSum: { combine: 'sum', after: (formula, sum) => formula.apply('log', sum) },
  reduceLogSumExp: { combine: 'logSumExp' },
  reduceMax: { combine: 'max' },
  reduceMean: { combine: 'sum', after: (formula, sum, count) => formula.applyNumber('div', sum, count) },
  reduceMin: { combine: 'min' },
  reduceProduct: { combine: 'product' },
  reduceSum: { combine: 'sum' },
  reduceSumSquare: { combine: 'sum', before: square },
};

function reduce({ combine, before, after }: Reduction): Lowering {
  return (scope) => {
    const x = scope.input(0);
    const axes = scope.numbers('axes');
    const stored = scope.module.dataType(x);
    const accumulate: DataType = isFloat(stored) ? 'float32' : stored;
    const output = keepingDimensions(scope, x, axes);
    const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    const prologue =
      before &&
      scope.prologue(x.shape, stored, (formula, element) => before(formula, formula.cast(element, accumulate)));
    const epilogue = after && scope.epilogue(output, accumulate, (formula, result) => after(formula, result, count));
    reduceStep(scope, x, output, { combine, axes, accumulate }, prologue, epilogue);
  };
}

/** The new result as the step sees it: with extent 1 where it was reduced. */
function keepingDimensions(scope: OperatorScope, x: View, axes: readonly number[]): View {
  return reshape(
    scope.allocate(),
    x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)),
  )!;
}

function reduceStep(
  scope: OperatorScope,
  x: View,
  output: View,
  attributes: StepKinds['reduce']['attributes'],
  prologue?: Expression,
  epilogue?: Expression,
): void {
  scope.step('reduce', [prologue ? { ...x, prologue } : x], [output], attributes, epilogue);
}

function position(combine: 'argMin' | 'argMax'): Lowering {
  return (scope) => {
    const x = scope.input(0);
    const axes = [scope.number('axis')];
    reduceStep(scope, x, keepingDimensions(scope, x, axes), { combine, axes, accumulate: scope.module.dataType(x) });
  };
}

const cumulativeSum: Lowering = (scope) =>
  scope.step('scan', [scope.input(0)], [scope.allocate()], {
    combine: 'sum',
    axis: scope.number('axis'),
    exclusive: scope.flag('exclusive'),
    reversed: scope.flag('reversed'),
  });

export const reductionLowerings: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(Object.entries(reductions).map(([name, reduction]) => [name, reduce(reduction)])),
  argMin: position('argMin'),
  argMax: position('argMax'),
  cumulativeSum,
};
