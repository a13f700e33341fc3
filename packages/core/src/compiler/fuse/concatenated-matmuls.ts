import type { ConstantSource, Expression, Operand, Step, Target, View } from '../../contract/index.js';
import { withViews } from '../accesses.js';
import { canonicalText } from '../canonical-text.js';
import { sameOperand } from '../expressions/expression-writer.js';
import type { ModuleTensor } from '../module.js';
import type { StepGraph } from '../step-graph.js';
import { contiguousStrides, elementCount, isWhole, narrow, sameShape } from '../views.js';
import { mergedOrigin } from './forward.js';
import { sameAttributes, samePrologue } from './gated-matmuls.js';
import { isLegal } from './legality.js';
import { reindex } from './reindex.js';
import type { FusionTarget } from './target.js';

/**
 * Matmuls of one `a` with constant weights that are stored row by row of the result (`[n, k]`) become one: the weights
 * one below the other are one constant, the results one beside the other one tensor. Query, key and value projections
 * become one pass over the activations.
 */
export function concatenateMatmuls(graph: StepGraph, step: Step, target: FusionTarget): boolean {
  if (!isCandidate(graph, step)) return false;
  const group = graph
    .readersOf(step.inputs[0]!.tensor)
    .filter((other) => other === step || (isCandidate(graph, other) && canJoin(graph, step, other)))
    .sort((a, b) => graph.position(a) - graph.position(b));
  return group.length > 1 && group[0] === step && concatenate(graph, group, target);
}

function isCandidate(graph: StepGraph, step: Step): boolean {
  if (step.kind !== 'matmul' || step.inputs.length !== 2 || step.outputs.length !== 1) return false;
  const b = step.inputs[1]!;
  const output = step.outputs[0]!;
  return (
    !b.prologue &&
    !b.quantization &&
    isRowsOfConstant(graph, b) &&
    graph.readersOf(b.tensor).length === 1 &&
    !output.rows &&
    graph.isTemporary(output.tensor) &&
    graph.writersOf(output.tensor).length === 1 &&
    isWhole(output, graph.tensors[output.tensor]!.shape) &&
    elementCount(output.shape) > 0 &&
    (step.epilogue === undefined || step.epilogue.inputs.every((view) => isConcatenable(graph, step, view)))
  );
}

/** `[…, k, n]` over the whole of a constant that stores n rows of k; batches, if any, are broadcast. */
function isRowsOfConstant(graph: StepGraph, b: View): boolean {
  const { origin, shape } = graph.tensors[b.tensor]!;
  const [rows, columns] = [b.shape.length - 1, b.shape.length - 2];
  return (
    origin.kind === 'constant' &&
    b.offset === 0 &&
    b.strides[columns] === 1 &&
    b.strides[rows] === b.shape[columns] &&
    b.shape.every((extent, axis) => axis >= columns || extent === 1 || b.strides[axis] === 0) &&
    shape[shape.length - 1] === b.shape[columns] &&
    elementCount(shape) === b.shape[rows]! * b.shape[columns]!
  );
}

/** A vector over n that is the whole of a constant, the same for every row. */
function isConcatenable(graph: StepGraph, step: Step, view: View): boolean {
  const { origin, shape } = graph.tensors[view.tensor]!;
  const last = view.shape.length - 1;
  return (
    origin.kind === 'constant' &&
    view.offset === 0 &&
    elementCount(shape) === view.shape[last] &&
    (view.strides[last] === 1 || view.shape[last] === 1) &&
    view.shape.every((extent, axis) => axis === last || extent === 1 || view.strides[axis] === 0) &&
    !step.epilogue!.body.some(({ op }) => op === 'coordinate')
  );
}

function canJoin(graph: StepGraph, first: Step, other: Step): boolean {
  const [a, b] = first.inputs as Operand[];
  const [otherA, otherB] = other.inputs as Operand[];
  const typeOf = (view: View) => graph.tensors[view.tensor]!.type;
  const expression = ({ epilogue }: Step) => canonicalText(epilogue && [epilogue.body, epilogue.results]);
  return (
    sameAttributes(first, other) &&
    samePrologue(a!, otherA!) &&
    sameOperand(a!, otherA!) &&
    sameShape(b!.shape.slice(0, -1), otherB!.shape.slice(0, -1)) &&
    typeOf(b!) === typeOf(otherB!) &&
    typeOf(first.outputs[0]!) === typeOf(other.outputs[0]!) &&
    expression(first) === expression(other) &&
    (first.epilogue?.inputs ?? []).every((view, at) => typeOf(view) === typeOf(other.epilogue!.inputs[at]!))
  );
}

function concatenate(graph: StepGraph, group: readonly Step[], target: FusionTarget): boolean {
  const first = group[0]!;
  const widths = group.map(({ outputs }) => outputs[0]!.shape[outputs[0]!.shape.length - 1]!);
  const starts = widths.map((_, at) => widths.slice(0, at).reduce((sum, width) => sum + width, 0));
  const width = widths.reduce((sum, each) => sum + each, 0);
  const widened = (view: View, tensor: number): View => ({
    ...view,
    tensor,
    shape: [...view.shape.slice(0, -1), width],
  });

  const output = first.outputs[0]!;
  const shape = [...output.shape.slice(0, -1), width];
  const result: Target = { tensor: graph.tensors.length, offset: 0, shape, strides: contiguousStrides(shape) };
  const added: ModuleTensor[] = [{ ...graph.tensors[output.tensor]!, shape }];
  const addConstant = (views: readonly View[], tensorShape: readonly number[]) => {
    added.push(
      concatenatedConstant(
        views.map((view) => graph.tensors[view.tensor]!),
        tensorShape,
      ),
    );
    return graph.tensors.length + added.length - 1;
  };
  const b = first.inputs[1]!;
  const weights = addConstant(
    group.map((step) => step.inputs[1]!),
    [width, b.shape[b.shape.length - 2]!],
  );
  const epilogue: Expression | undefined = first.epilogue && {
    ...first.epilogue,
    inputs: first.epilogue.inputs.map((view, at) => ({
      ...widened(
        view,
        addConstant(
          group.map((step) => step.epilogue!.inputs[at]!),
          [width],
        ),
      ),
      strides: view.strides.map((stride, axis) => (axis === view.strides.length - 1 ? 1 : stride)),
    })),
  };
  const joined: Step = {
    ...first,
    inputs: [first.inputs[0]!, { ...widened(b, weights) }],
    outputs: [result],
    ...(epilogue && { epilogue }),
    origin: mergedOrigin(...group),
  };
  const parts = widths.map((each, at) => narrow(result, shape.length - 1, starts[at]!, each));
  const readers = redirectReaders(graph, group, parts);
  const tensors = [...graph.tensors, ...added];
  if (!readers || ![joined, ...readers.values()].every((step) => isLegal(step, tensors, target, first))) return false;
  for (const tensor of added) graph.addTensor(tensor);
  if (!graph.join(group, [joined])) return false;
  for (const [reader, moved] of readers) graph.replace(reader, moved);
  return true;
}

/** Those who read one of the results, reading its part of the joined one instead. */
function redirectReaders(
  graph: StepGraph,
  group: readonly Step[],
  parts: readonly View[],
): Map<Step, Step> | undefined {
  const targets = new Map(
    group.map((step, at) => [step.outputs[0]!.tensor, { output: step.outputs[0]!, part: parts[at]! }]),
  );
  const moved = new Map<Step, Step>();
  let isComplete = true;
  for (const reader of new Set([...targets.keys()].flatMap((tensor) => graph.readersOf(tensor)))) {
    if (reader.body || group.includes(reader)) return undefined;
    const redirected = withViews(reader, (view, role) => {
      const own = role === 'read' ? targets.get(view.tensor) : undefined;
      if (!own) return view;
      const found = reindex(own.output, own.part, view);
      if (!found) isComplete = false;
      return found ? { ...view, ...found } : view;
    });
    moved.set(reader, redirected);
  }
  return isComplete ? moved : undefined;
}

function concatenatedConstant(tensors: readonly ModuleTensor[], shape: readonly number[]): ModuleTensor {
  const sources = tensors.map(({ origin }) => (origin as { readonly source: ConstantSource }).source);
  return {
    type: tensors[0]!.type,
    shape,
    origin: {
      kind: 'constant',
      source: {
        fingerprint: `concatenation(${sources.map(({ fingerprint }) => fingerprint).join(',')})`,
        parts: sources.flatMap(({ parts }) => parts),
      },
    },
  };
}
