import type { Operand, Step, StepKinds, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import type { StepGraph } from '../step-graph.js';
import { sameView } from '../views.js';
import { mergedOrigin, producerOf } from './forward.js';
import { isLegal } from './legality.js';
import type { FusionTarget } from './target.js';
import { argumentsOf, isAbout, numberOf, quotient, reciprocalRootOf, rootOf } from './terms.js';

interface Reduced {
  readonly step: Step;
  readonly x: Operand;
  readonly axes: readonly number[];
  /** How many elements each result is made of. */
  readonly count: number;
}

/** A normalization that was found: the value that it computes, and what of. */
interface Found {
  readonly value: Value;
  readonly x: View;
  readonly axes: readonly number[];
  readonly form: StepKinds['normalize']['attributes']['form'];
  readonly epsilon: number;
  /** The first step that reads x: from there on it must not change. */
  readonly from: Step;
}

/**
 * Recognizes softmax, layer and root-mean-square normalization in a map that ends one built from reductions: the map
 * becomes the epilogue of a `normalize`. Only in float32, as `normalize` computes.
 */
export function recognizeNormalization(graph: StepGraph, step: Step, target: FusionTarget): boolean {
  if (step.kind !== 'map') return false;
  for (const operand of step.inputs) {
    const reduced = reductionOf(graph, operand!, 'sum');
    if (!reduced) continue;
    const writer = new ExpressionWriter(graph.tensors);
    const results = withReduction(writer, graph, step, reduced);
    const found = results && (findByRoot(writer, graph, reduced) ?? findSoftmax(writer, graph, reduced));
    if (found && replace(graph, step, target, writer, results, found)) return true;
  }
  return false;
}

/** The reduction that a view reads, broadcast over the axes that were reduced; float32 all along. */
function reductionOf(graph: StepGraph, view: View, combine: 'sum' | 'max'): Reduced | undefined {
  const producer = producerOf(graph, view);
  if (producer?.step.kind !== 'reduce' || producer.step.outputs.length !== 1) return undefined;
  const { step } = producer;
  const { axes, accumulate, combine: own } = step.attributes as unknown as StepKinds['reduce']['attributes'];
  const x = step.inputs[0]!;
  const [output] = step.outputs;
  const isFloat32 = [x.tensor, output!.tensor].every((tensor) => graph.tensors[tensor]!.type === 'float32');
  if (own !== combine || accumulate !== 'float32' || !isFloat32 || x.quantization) return undefined;
  if (view.shape.length !== x.shape.length || view.offset !== output!.offset) return undefined;
  const isBroadcast = view.shape.every((extent, axis) => {
    if (extent !== x.shape[axis]) return false;
    return extent === 1 || view.strides[axis] === (axes.includes(axis) ? 0 : output!.strides[axis]);
  });
  if (!isBroadcast) return undefined;
  return { step, x, axes, count: axes.reduce((product, axis) => product * x.shape[axis]!, 1) };
}

/** The map's results in terms of the bare sum, which is base 0. */
function withReduction(
  writer: ExpressionWriter,
  graph: StepGraph,
  step: Step,
  { step: reduce }: Reduced,
): Value[] | undefined {
  const values: Value[] = [];
  for (const input of step.inputs) {
    const isSum = !input!.quantization && reductionOf(graph, input!, 'sum')?.step === reduce;
    const value = isSum ? afterReduction(writer, reduce) : writer.input(input!);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return writer.inline(step.epilogue!, values);
}

function afterReduction(writer: ExpressionWriter, { epilogue }: Step): Value | undefined {
  const sum = writer.base(0, 'float32');
  if (!epilogue) return sum;
  return epilogue.inputs.length === 0 ? writer.inline(epilogue, [sum])![0] : undefined;
}

/** x/√(mean of squares + epsilon), or the same of x − mean. */
function findByRoot(writer: ExpressionWriter, graph: StepGraph, reduced: Reduced): Found | undefined {
  let found: Found | undefined;
  writer.findLast((_, value) => {
    const pairs: (readonly [Value, Value | undefined])[] = [
      ...argumentsOf(writer, value, 'div').map(([x, by]) => [x!, rootOf(writer, by!)] as const),
      ...argumentsOf(writer, value, 'mul').map(([x, by]) => [x!, reciprocalRootOf(writer, by!)] as const),
    ];
    for (const [x, square] of pairs) {
      const epsilon = square === undefined ? undefined : epsilonOf(writer, square, reduced.count);
      if (epsilon === undefined) continue;
      found = rootMeanSquare(writer, graph, reduced, value, x, epsilon);
      if (found) return true;
    }
    return false;
  });
  return found;
}

/** The epsilon that is added to the mean of what base 0 is the sum of. */
function epsilonOf(writer: ExpressionWriter, square: Value, count: number): number | undefined {
  const isMean = (value: Value) => {
    const mean = quotient(writer, value);
    return (
      (mean !== undefined && isSum(writer, mean.of) && isAbout(mean.by, count)) || (count === 1 && isSum(writer, value))
    );
  };
  if (isMean(square)) return 0;
  for (const [mean, epsilon] of argumentsOf(writer, square, 'add')) {
    const number = numberOf(writer, epsilon!);
    if (number !== undefined && isMean(mean!)) return number;
  }
  return undefined;
}

function isSum(writer: ExpressionWriter, value: Value): boolean {
  return writer.baseOf(value) === 0;
}

function rootMeanSquare(
  writer: ExpressionWriter,
  graph: StepGraph,
  { step, x, axes }: Reduced,
  value: Value,
  normalized: Value,
  epsilon: number,
): Found | undefined {
  if (!x.prologue) return undefined;
  const reading = new ExpressionWriter(graph.tensors);
  const element = reading.input(plainView(x));
  const squared = reading.inline(x.prologue, [element])![0]!;
  const [factors] = argumentsOf(reading, squared, 'mul');
  if (!factors || factors[0] !== factors[1]) return undefined;
  const centered = centerOf(reading, graph, factors[0]!);
  const other = centerOf(writer, graph, normalized);
  if (!centered || !other || !sameView(centered.x, other.x)) return undefined;
  if (!centered.mean || !other.mean) {
    const isRms = !centered.mean && !other.mean;
    return isRms ? { value, x: centered.x, axes, form: 'rms', epsilon, from: step } : undefined;
  }
  const mean = reductionOf(graph, centered.mean, 'sum');
  const isSame = sameView(centered.mean, other.mean) && mean !== undefined && sameAxes(mean.axes, axes);
  if (!isSame || mean.x.prologue || !sameView(mean.x, centered.x) || !isMeanOf(graph, mean)) return undefined;
  return { value, x: centered.x, axes, form: 'layer', epsilon, from: mean.step };
}

/** What is read, or what is read minus something else that is. */
function centerOf(
  writer: ExpressionWriter,
  graph: StepGraph,
  value: Value,
): { readonly x: View; readonly mean?: View } | undefined {
  const plain = (read: Value) => {
    const operand = writer.inputOf(read);
    return operand && !operand.quantization && graph.tensors[operand.tensor]!.type === 'float32' ? operand : undefined;
  };
  const direct = plain(value);
  if (direct) return { x: direct };
  for (const [of, by] of argumentsOf(writer, value, 'sub')) {
    const [x, mean] = [plain(of!), plain(by!)];
    if (x && mean) return { x, mean };
  }
  return undefined;
}

function isMeanOf(graph: StepGraph, { step, count }: Reduced): boolean {
  const writer = new ExpressionWriter(graph.tensors);
  const value = afterReduction(writer, step);
  const mean = value === undefined ? undefined : quotient(writer, value);
  return mean !== undefined && isSum(writer, mean.of) && isAbout(mean.by, count);
}

/** exp(x − max)/Σ, the exponentials in a tensor of their own. */
function findSoftmax(
  writer: ExpressionWriter,
  graph: StepGraph,
  { step: sum, x: summed, axes }: Reduced,
): Found | undefined {
  if (summed.prologue || sum.epilogue) return undefined;
  const value = writer.findLast((_, candidate) => {
    const isQuotient = argumentsOf(writer, candidate, 'div').some(
      ([of, by]) => readsExponentials(of!) && isSum(writer, by!),
    );
    return (
      isQuotient ||
      argumentsOf(writer, candidate, 'mul').some(
        ([of, by]) =>
          readsExponentials(of!) && argumentsOf(writer, by!, 'reciprocal').some(([one]) => isSum(writer, one!)),
      )
    );
  });
  function readsExponentials(read: Value): boolean {
    const operand = writer.inputOf(read);
    return operand !== undefined && sameView(operand, summed);
  }
  const producer = value === undefined ? undefined : producerOf(graph, summed);
  if (value === undefined || producer?.step.kind !== 'map') return undefined;
  const { step, output } = producer;
  if (!sameView(step.outputs[output]!, summed) || step.inputs.some((input) => input!.quantization)) return undefined;
  const own = new ExpressionWriter(graph.tensors);
  const made = own.inline(
    step.epilogue!,
    step.inputs.map((input) => own.input(input!)),
  )![output]!;
  for (const [exponent] of argumentsOf(own, made, 'exp')) {
    const shifted = centerOf(own, graph, exponent!);
    const largest = shifted?.mean && reductionOf(graph, shifted.mean, 'max');
    const isMax =
      largest &&
      !largest.step.epilogue &&
      !largest.x.prologue &&
      sameView(largest.x, shifted!.x) &&
      sameAxes(largest.axes, axes);
    if (isMax) return { value, x: shifted!.x, axes, form: 'softmax', epsilon: 0, from: largest.step };
  }
  return undefined;
}

function sameAxes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis) => b.includes(axis));
}

function replace(
  graph: StepGraph,
  step: Step,
  target: FusionTarget,
  writer: ExpressionWriter,
  results: readonly Value[],
  { value, x, axes, form, epsilon, from }: Found,
): boolean {
  const rewritten = new ExpressionWriter(graph.tensors);
  const known = new Map([[value, rewritten.base(0, 'float32')]]);
  const moved = results.map((result) => writer.transcribe(result, rewritten, known));
  if (moved.some((result) => result === undefined)) return false;
  const isBare = moved.length === 1 && rewritten.baseOf(moved[0]!) === 0;
  const epilogue = rewritten.finish(1, moved as Value[]);
  if (!epilogue || !graph.readsUnchangedUntil(from, step)) return false;
  const inner = step.inputs.flatMap((input) => producerOf(graph, input!)?.step ?? []);
  const normalize: Step = {
    kind: 'normalize',
    inputs: [plainView(x)],
    outputs: step.outputs,
    attributes: { form, axes, epsilon },
    after: [],
    origin: mergedOrigin(...inner.filter(({ kind }) => kind === 'reduce'), step),
    ...(!isBare && { epilogue }),
  };
  if (!isLegal(normalize, graph.tensors, target)) return false;
  graph.replace(step, normalize);
  for (const producer of inner) graph.removeUnread(producer);
  return true;
}
