import type { Expression, Operand, Step, Target, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import type { StepGraph } from '../step-graph.js';
import { elementCount, reshape } from '../views.js';
import { isLegal } from './legality.js';
import type { FusionTarget } from './target.js';

/**
 * A matmul whose `b` is the same for every batch is one of two dimensions: the batches are more rows of `a`. So `b` is
 * gone through once, and a kernel sees a tall product instead of many flat ones.
 */
export function foldBatches(graph: StepGraph, step: Step, target: FusionTarget): boolean {
  if (step.kind !== 'matmul' || step.inputs[0]!.shape.length <= 2 || step.outputs.some(({ rows }) => rows))
    return false;
  const [a, ...bs] = step.inputs as readonly Operand[];
  const isShared = bs.every((b) => isSameForAll(b) && !b.quantization && !b.prologue);
  const expressions = [a!.prologue, step.epilogue];
  const seesIndices = expressions.some((expression) => expression?.body.some(({ op }) => op === 'coordinate'));
  if (!isShared || a!.quantization || seesIndices) return false;

  const operand = foldOperand(a!);
  const outputs = step.outputs.map(folded);
  const epilogue = step.epilogue && foldExpression(step.epilogue);
  if (!operand || outputs.some((output) => !output) || (step.epilogue && !epilogue)) return false;
  const flat: Step = {
    ...step,
    inputs: [operand, ...bs.map(matrixOf)],
    outputs: outputs as Target[],
    ...(epilogue && { epilogue }),
  };
  if (!isLegal(flat, graph.tensors, target, step)) return false;
  graph.replace(step, flat);
  return true;
}

/** Of an empty view the strides may lead anywhere. */
function isSameForAll({ shape, strides }: View): boolean {
  return (
    elementCount(shape) > 0 &&
    shape.every((extent, axis) => axis >= shape.length - 2 || extent === 1 || strides[axis] === 0)
  );
}

function matrixOf(b: Operand): View {
  return { ...plainView(b), shape: b.shape.slice(-2), strides: b.strides.slice(-2) };
}

/** All axes but the last as one, where strides can say it. */
function folded(view: View): View | undefined {
  const columns = view.shape[view.shape.length - 1]!;
  return reshape(plainView(view), [elementCount(view.shape.slice(0, -1)), columns]);
}

function foldOperand(operand: Operand): Operand | undefined {
  const view = folded(operand);
  if (!view || !operand.prologue) return view;
  const prologue = foldExpression(operand.prologue);
  return prologue && { ...view, prologue };
}

function foldExpression(expression: Expression): Expression | undefined {
  const inputs = expression.inputs.map(folded);
  return inputs.some((view) => !view) ? undefined : { ...expression, inputs: inputs as View[] };
}
