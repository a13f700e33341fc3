import type { ScalarOperator } from '../../contract/index.js';
import { requireWholeBlocks } from './blocks.js';
import type { Formula, Value } from './formula.js';
import type { Lowering } from './operator-scope.js';

/** One scalar operator on all that the operator reads, broadcast to the result. */
function direct(op: ScalarOperator): Lowering {
  return (scope) => scope.map((formula) => formula.apply(op, ...scope.inputs.map((view) => formula.read(view))));
}

/** A formula of one operand, with attributes as numbers. 16-bit floats are computed in float32 and rounded once. */
function formulaOf(
  compute: (formula: Formula, x: Value, attribute: (name: string) => number | string | undefined) => Value,
): Lowering {
  return (scope) =>
    scope.map((formula) =>
      compute(
        formula,
        formula.readWide(scope.input(0)),
        (name) => scope.operator.attributes[name] as number | string | undefined,
      ),
    );
}

/** max(0, x) + slope·min(0, x). */
function leaky(formula: Formula, x: Value, slope: Value): Value {
  const positive = formula.applyNumber('max', x, 0);
  return formula.apply('add', positive, formula.apply('mul', slope, formula.applyNumber('min', x, 0)));
}

/** min(max(x, low), high). */
function bounded(
  formula: Formula,
  x: Value,
  low: number | string | undefined,
  high: number | string | undefined,
): Value {
  const above = low === undefined ? x : formula.applyNumber('max', x, low);
  return high === undefined ? above : formula.applyNumber('min', above, high);
}

const clamp: Lowering = (scope) => {
  const { minValue, maxValue } = scope.operator.attributes as Record<string, number | string | undefined>;
  // The bounds are numbers of the operand's own data type, so nothing has to be computed wider.
  scope.map((formula) => bounded(formula, formula.read(scope.input(0)), minValue, maxValue));
};

const elu = formulaOf((formula, x, attribute) => {
  const exponential = formula.apply('exp', formula.applyNumber('min', x, 0));
  const scaled = formula.applyNumber('mul', formula.applyNumber('sub', exponential, 1), attribute('alpha')!);
  return formula.apply('add', formula.applyNumber('max', x, 0), scaled);
});

const hardSigmoid = formulaOf((formula, x, attribute) => {
  const line = formula.applyNumber('add', formula.applyNumber('mul', x, attribute('alpha')!), attribute('beta')!);
  return formula.applyNumber('max', formula.applyNumber('min', line, 1), 0);
});

const hardSwish = formulaOf((formula, x) => {
  const gate = bounded(formula, formula.applyNumber('add', x, 3), 0, 6);
  return formula.applyNumber('div', formula.apply('mul', x, gate), 6);
});

const leakyRelu = formulaOf((formula, x, attribute) =>
  leaky(formula, x, formula.constant(attribute('alpha')!, formula.typeOf(x))),
);

const linear = formulaOf((formula, x, attribute) =>
  formula.applyNumber('add', formula.applyNumber('mul', x, attribute('alpha')!), attribute('beta')!),
);

const relu = formulaOf((formula, x) => formula.applyNumber('max', x, 0));

/** max(0, x) + ln(1 + exp(−|x|)), which does not overflow. */
const softplus = formulaOf((formula, x) => {
  const exponential = formula.apply('exp', formula.apply('neg', formula.apply('abs', x)));
  const logarithm = formula.apply('log', formula.applyNumber('add', exponential, 1));
  return formula.apply('add', formula.applyNumber('max', x, 0), logarithm);
});

const softsign = formulaOf((formula, x) =>
  formula.apply('div', x, formula.applyNumber('add', formula.apply('abs', x), 1)),
);

const prelu: Lowering = (scope) =>
  scope.map((formula) => leaky(formula, formula.readWide(scope.input(0)), formula.readWide(scope.input(1))));

const cast: Lowering = (scope) => {
  requireWholeBlocks(scope, scope.input(0));
  scope.map((formula) => formula.cast(formula.read(scope.input(0)), scope.resultType()));
};

const where: Lowering = (scope) =>
  scope.map((formula) => {
    const [condition, whenTrue, whenFalse] = scope.inputs.map((view) => formula.read(view));
    return formula.select(condition!, whenTrue!, whenFalse!);
  });

const sameNames = [
  'abs',
  'ceil',
  'cos',
  'erf',
  'exp',
  'floor',
  'gelu',
  'log',
  'neg',
  'reciprocal',
  'roundEven',
  'rsqrt',
  'sigmoid',
  'sign',
  'silu',
  'sin',
  'sqrt',
  'tan',
  'tanh',
  'isNaN',
  'isInfinite',
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'pow',
  'equal',
  'notEqual',
  'greater',
  'greaterOrEqual',
  'lesser',
  'lesserOrEqual',
] as const satisfies readonly ScalarOperator[];

/** What is computed element by element: maps. */
export const elementwiseLowerings: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries(sameNames.map((name) => [name, direct(name)])),
  logicalNot: direct('not'),
  logicalAnd: direct('and'),
  logicalOr: direct('or'),
  logicalXor: direct('xor'),
  cast,
  clamp,
  elu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  linear,
  prelu,
  relu,
  softplus,
  softsign,
  where,
};
