import type { Step, StepKinds, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import type { Formula, Value } from '../decompose/formula.js';
import type { ModuleTensor } from '../module.js';
import { broadcast } from '../views.js';
import { StepWriter } from './step-writer.js';

/** Up to here the squares of many thousand elements sum up within float32. */
const largestPlain = 1e15;

/** A normalization as reductions over its axes and maps between them, in float32. */
export function decomposeNormalize(step: Step, tensors: ModuleTensor[]): Step[] {
  const writer = new StepWriter(tensors, step.origin);
  const { form, axes, epsilon } = step.attributes as unknown as StepKinds['normalize']['attributes'];
  const x = plainView(step.inputs[0]!);
  const { shape } = x;
  const reducedShape = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const wide = (formula: Formula, view: View): Value => formula.cast(formula.read(broadcast(view, shape)), 'float32');
  const reduced = (operand: View, combine: 'sum' | 'max'): View => {
    const result = writer.temporary('float32', reducedShape);
    writer.add('reduce', [operand], [result], { combine, axes, accumulate: 'float32' });
    return result;
  };
  const mean = (operand: View): View => {
    const sum = reduced(operand, 'sum');
    return writer.computed('float32', reducedShape, (formula) =>
      formula.applyNumber('div', formula.read(sum), Math.max(count, 1)),
    );
  };
  const minus = (formula: Formula, view: View): Value => formula.apply('sub', wide(formula, x), wide(formula, view));
  const store = (compute: (formula: Formula) => Value) =>
    writer.map(shape, step.outputs, (formula) => [compute(formula)]);

  if (form === 'softmax' || form === 'logSoftmax') {
    const largest = reduced(x, 'max');
    // Under an infinite shift ∞ would give NaN for what is finite, too.
    const shift =
      form === 'softmax'
        ? largest
        : writer.computed('float32', reducedShape, (formula) => {
            const value = formula.read(largest);
            return formula.select(formula.apply('isInfinite', value), formula.constant(0, 'float32'), value);
          });
    const exponentials = writer.computed('float32', shape, (formula) => formula.apply('exp', minus(formula, shift)));
    const sum = reduced(exponentials, 'sum');
    if (form === 'softmax') {
      store((formula) => formula.apply('div', formula.read(exponentials), wide(formula, sum)));
    } else {
      store((formula) => formula.apply('sub', minus(formula, shift), formula.apply('log', wide(formula, sum))));
    }
    return writer.steps;
  }
  const center = form === 'layer' ? mean(x) : undefined;
  const centered = (formula: Formula) => (center ? minus(formula, center) : wide(formula, x));
  // Squares of what lies beyond 10¹⁹ leave float32: large groups are scaled down, all others by 1.
  const magnitudes = writer.computed('float32', shape, (formula) => formula.apply('abs', centered(formula)));
  const largest = reduced(magnitudes, 'max');
  const unit = writer.computed('float32', reducedShape, (formula) => {
    const value = formula.read(largest);
    const isLarge = formula.applyNumber('greater', value, largestPlain);
    const isUsable = formula.apply('and', isLarge, formula.apply('not', formula.apply('isInfinite', value)));
    return formula.select(isUsable, value, formula.constant(1, 'float32'));
  });
  const scaled = (formula: Formula) => formula.apply('div', centered(formula), wide(formula, unit));
  const squares = writer.computed('float32', shape, (formula) => {
    const value = scaled(formula);
    return formula.apply('mul', value, value);
  });
  const variance = mean(squares);
  store((formula) => {
    const own = wide(formula, unit);
    const smallest = formula.apply('div', formula.apply('div', formula.constant(epsilon, 'float32'), own), own);
    const deviation = formula.apply('sqrt', formula.apply('add', wide(formula, variance), smallest));
    return formula.apply('div', scaled(formula), deviation);
  });
  return writer.steps;
}
