import type { Step, StepKinds, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { elementType } from '../expressions/operators.js';
import type { ModuleTensor } from '../module.js';
import { broadcast, contiguous, elementCount, isContiguous } from '../views.js';
import { StepWriter } from './step-writer.js';

/** Matmuls with several `b` one by one. */
export function decomposeMatmul(step: Step): Step[] | undefined {
  const [a, ...bs] = step.inputs;
  if (bs.length < 2) return undefined;
  return bs.map((b, at) => ({ ...step, inputs: [a!, b!], outputs: [step.outputs[at]!] }));
}

/** log Σ exp through the greatest value: max, exp of the difference, sum, log. */
export function decomposeReduce(step: Step, tensors: ModuleTensor[]): Step[] | undefined {
  const { combine, axes, accumulate } = step.attributes as unknown as StepKinds['reduce']['attributes'];
  if (combine !== 'logSumExp') return undefined;
  const writer = new StepWriter(tensors, step.origin);
  const x = plainView(step.inputs[0]!);
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const largest = writer.temporary(accumulate, shape);
  writer.add('reduce', [x], [largest], { combine: 'max', axes, accumulate });
  // Of nothing but −∞ the greatest is −∞, and −∞ − −∞ would be NaN; of ∞ likewise.
  const shift = writer.computed(accumulate, shape, (formula) => {
    const value = formula.read(largest);
    return formula.select(formula.apply('isInfinite', value), formula.constant(0, accumulate), value);
  });
  const exponentials = writer.computed(accumulate, x.shape, (formula) => {
    const value = formula.cast(formula.read(x), accumulate);
    return formula.apply('exp', formula.apply('sub', value, formula.read(broadcast(shift, x.shape))));
  });
  const sum = writer.temporary(accumulate, shape);
  writer.add('reduce', [exponentials], [sum], { combine: 'sum', axes, accumulate });
  writer.map(shape, step.outputs, (formula) => [
    formula.apply('add', formula.apply('log', formula.read(sum)), formula.read(shift)),
  ]);
  return writer.steps;
}

/** Gathering single elements or by several dimensions, as rows of a flattened tensor at computed addresses. */
export function decomposeGather(step: Step, tensors: ModuleTensor[]): Step[] | undefined {
  const { form, axis } = step.attributes as unknown as StepKinds['gather']['attributes'];
  if (form === 'rows') return undefined;
  const writer = new StepWriter(tensors, step.origin);
  const from = plainView(step.inputs[0]!);
  const indices = plainView(step.inputs[1]!);
  const addressed = form === 'elements' ? from.shape.length : indices.shape[indices.shape.length - 1]!;
  const table = flatten(writer, from, addressed);
  if (elementCount(step.outputs[0]!.shape) === 0) return undefined;
  const places = form === 'elements' ? indices.shape : indices.shape.slice(0, -1);
  const strides = from.shape.map((_, at) => elementCount(from.shape.slice(at + 1, addressed)));
  const address = writer.computed('int32', places, (formula) => {
    const inRange = (view: View, extent: number) => {
      const index = formula.cast(formula.read(view), 'int32');
      const counted = formula.select(
        formula.applyNumber('lesser', index, 0),
        formula.applyNumber('add', index, extent),
        index,
      );
      return formula.applyNumber('max', formula.applyNumber('min', counted, extent - 1), 0);
    };
    let sum = formula.constant(0, 'int32');
    for (let dimension = 0; dimension < addressed; dimension++) {
      const index =
        form === 'nd'
          ? inRange(component(indices, dimension), from.shape[dimension]!)
          : dimension === axis
            ? inRange(indices, from.shape[dimension]!)
            : formula.coordinate(dimension, 'int32');
      sum = formula.apply('add', sum, formula.applyNumber('mul', index, strides[dimension]!));
    }
    return sum;
  });
  writer.add('gather', [table, address], step.outputs, { form: 'rows', axis: 0 });
  return writer.steps;
}

/** Entry `at` of each address. */
function component(indices: View, at: number): View {
  const last = indices.shape.length - 1;
  return {
    ...indices,
    offset: indices.offset + at * indices.strides[last]!,
    shape: indices.shape.slice(0, -1),
    strides: indices.strides.slice(0, -1),
  };
}

/** The first `addressed` dimensions as one; copied where they are not one already. */
function flatten(writer: StepWriter, from: View, addressed: number): View {
  const shape = [elementCount(from.shape.slice(0, addressed)), ...from.shape.slice(addressed)];
  const type = elementType(writer.tensors[from.tensor]!.type);
  const dense = isContiguous(from) ? from : writer.computed(type, from.shape, (formula) => formula.read(from));
  return contiguous(dense.tensor, shape, dense.offset);
}
