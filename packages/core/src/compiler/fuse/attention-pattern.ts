import type { Expression, Operand, Step, StepKinds, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { ExpressionWriter } from '../expressions/expression-writer.js';
import { isBlockType } from '../expressions/operators.js';
import type { StepGraph } from '../step-graph.js';
import { insertAxis, sameView, transpose } from '../views.js';
import { mergedOrigin, producerOf } from './forward.js';
import { isLegal } from './legality.js';
import type { FusionTarget } from './target.js';
import { argumentsOf, numberOf, quotient } from './terms.js';

/**
 * Recognizes attention in a matmul of probabilities and values, where the probabilities are the softmax of scaled,
 * perhaps masked, products of queries and keys. Three dimensions are taken as heads of one batch. One thing differs: a
 * query all of whose keys are masked with −∞ gives zeros, where the softmax gave NaN.
 */
export function recognizeAttention(graph: StepGraph, step: Step, target: FusionTarget): boolean {
  if (!isPlainMatmul(graph, step) || step.inputs.length !== 2 || step.inputs.some((operand) => operand!.prologue))
    return false;
  const [probabilities, value] = step.inputs as Operand[];
  const rank = probabilities!.shape.length;
  const hasHeads = rank === 4 || (rank === 3 && !step.epilogue && !step.outputs[0]!.rows);
  const softmax = soleProducer(graph, probabilities!, 'normalize', step);
  if (!hasHeads || !softmax || softmax.epilogue || softmax.inputs[0]!.prologue) return false;
  const { form, axes } = softmax.attributes as unknown as StepKinds['normalize']['attributes'];
  if (form !== 'softmax' || axes.length !== 1 || axes[0] !== rank - 1) return false;
  const scores = soleProducer(graph, softmax.inputs[0]!, 'matmul', softmax);
  if (!scores || !isPlainMatmul(graph, scores) || scores.inputs.length !== 2) return false;
  const [query, key] = scores.inputs as Operand[];
  const factors = [query!, key!].map((operand) => (operand.prologue ? scaleOf(graph, operand) : 1));
  const after = scores.epilogue ? scaleAndMask(graph, scores.epilogue) : { scale: 1, mask: undefined };
  if (!after || factors.some((factor) => factor === undefined)) return false;

  const heads = (view: View) => (rank === 4 ? plainView(view) : insertAxis(view, 0));
  const order = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const { mask } = after;
  const attention: Step = {
    ...step,
    kind: 'attention',
    inputs: [
      heads(query!),
      heads(transpose(plainView(key!), order)),
      heads(value!),
      ...(mask ? [null, null, null, heads(mask)] : []),
    ],
    outputs: rank === 4 ? step.outputs : step.outputs.map(heads),
    attributes: {
      scale: after.scale * factors[0]! * factors[1]!,
      causal: false,
      blockSize: 0,
      multiply: step.attributes.multiply!,
    },
    origin: mergedOrigin(scores, softmax, step),
  };
  if (scores.attributes.multiply !== step.attributes.multiply) return false;
  if (!graph.readsUnchangedUntil(scores, step) || !isLegal(attention, graph.tensors, target)) return false;
  graph.replace(step, attention);
  graph.removeUnread(softmax);
  return true;
}

/** One product in float32 that goes to one place. */
function isPlainMatmul(graph: StepGraph, step: Step): boolean {
  return (
    step.kind === 'matmul' &&
    step.attributes.accumulate === 'float32' &&
    step.outputs.length === 1 &&
    step.inputs.every((operand) => !operand!.quantization && !isBlockType(graph.tensors[operand!.tensor]!.type))
  );
}

/** The step of that kind that makes all a view reads, if it is read by nobody else, in float32. */
function soleProducer(graph: StepGraph, view: View, kind: string, reader: Step): Step | undefined {
  const producer = producerOf(graph, view);
  if (producer?.step.kind !== kind || !graph.isTemporary(view.tensor)) return undefined;
  const { outputs } = producer.step;
  const isOnly = outputs.length === 1 && graph.readersOf(view.tensor).every((step) => step === reader);
  return isOnly && sameView(outputs[0]!, view) && graph.tensors[view.tensor]!.type === 'float32'
    ? producer.step
    : undefined;
}

/** The number that a prologue multiplies with, if that is all it does. */
function scaleOf(graph: StepGraph, operand: Operand): number | undefined {
  if (operand.prologue!.inputs.length > 0 || graph.tensors[operand.tensor]!.type !== 'float32') return undefined;
  return scaleAndMask(graph, operand.prologue!)?.scale;
}

/** `v0 · scale + mask`, either left out. */
function scaleAndMask(
  graph: StepGraph,
  expression: Expression,
): { readonly scale: number; readonly mask: View | undefined } | undefined {
  const writer = new ExpressionWriter(graph.tensors);
  const [result, ...others] = writer.inline(expression, [writer.base(0, 'float32')])!;
  if (others.length > 0) return undefined;
  const scaled = (value: number): number | undefined => {
    if (writer.baseOf(value) === 0) return 1;
    const found = quotient(writer, value);
    if (!found || writer.baseOf(found.of) !== 0) return undefined;
    // A product's factor as it stands, not by way of its reciprocal.
    const [factor] = argumentsOf(writer, value, 'mul').flatMap(([, times]) => numberOf(writer, times!) ?? []);
    return factor ?? 1 / found.by;
  };
  const plain = scaled(result!);
  if (plain !== undefined) return { scale: plain, mask: undefined };
  for (const [product, added] of argumentsOf(writer, result!, 'add')) {
    const scale = scaled(product!);
    const mask = writer.inputOf(added!);
    if (scale !== undefined && mask && !mask.quantization) return { scale, mask };
  }
  return undefined;
}
