import type { Step, Target } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import { resultCount, resultTypes } from '../expressions/value-types.js';
import type { StepGraph } from '../step-graph.js';
import { sameView } from '../views.js';
import { isNeededBesides, mergedOrigin, moveCoordinate, producerOf } from './forward.js';
import { isLegal } from './legality.js';
import { covers, reindex, retarget } from './reindex.js';
import type { FusionTarget } from './target.js';

/** Kinds whose results an expression can follow. */
const withEpilogue: ReadonlySet<string> = new Set(['matmul', 'reduce', 'normalize', 'attention', 'gather', 'scan']);

/**
 * Draws a map into the epilogue of the step that makes what it reads: bias, activation, residual, cast. What others
 * still read of that step it goes on to store as well.
 */
export function fuseMapIntoEpilogue(graph: StepGraph, consumer: Step, target: FusionTarget): boolean {
  if (consumer.kind !== 'map') return false;
  const tried = new Set<Step>();
  for (const operand of consumer.inputs) {
    const step = operand!.quantization ? undefined : producerOf(graph, operand!)?.step;
    if (!step || tried.has(step) || !withEpilogue.has(step.kind)) continue;
    tried.add(step);
    if (fusePair(graph, step, consumer, target)) return true;
  }
  return false;
}

function fusePair(graph: StepGraph, step: Step, consumer: Step, target: FusionTarget): boolean {
  if (step.kind === 'attention' && step.outputs.length > 1) return false;
  // What argMin and argMax give is of the type of their output, which an epilogue would leave open.
  if (step.attributes.combine === 'argMin' || step.attributes.combine === 'argMax') return false;
  const writer = new ExpressionWriter(graph.tensors);
  const bases = resultTypes(step, graph.tensors).map((dataType, index) => writer.base(index, dataType));
  const made = step.epilogue ? writer.inline(step.epilogue, bases)! : bases;
  const typeOf = (own: Target) => writer.typeOf(writer.input(plainView(own)));

  const main = consumer.inputs.find((input) => producerOf(graph, input!)?.step === step)!;
  const through = step.outputs[producerOf(graph, main)!.output]!;
  if (!covers(through, main)) return false;
  const values: Value[] = [];
  for (const input of consumer.inputs) {
    const moved = input!.quantization ? undefined : reindex(main, plainView(input!), through);
    if (!moved) return false;
    const own = step.outputs.findIndex((output) => !output.rows && sameView(output, moved));
    if (own >= 0) values.push(writer.stored(made[own]!, typeOf(step.outputs[own]!)));
    else if (step.outputs.some((output) => output.tensor === input!.tensor)) return false;
    else values.push(writer.input(moved));
  }
  const results = writer.inline(consumer.epilogue!, values, undefined, (axis, dataType) =>
    moveCoordinate(writer, main, through, axis, dataType),
  );
  if (!results) return false;
  const kept = step.outputs.map((output) => isNeededBesides(graph, output, consumer));
  const outputs = step.outputs.filter((_, at) => kept[at]);
  for (const own of consumer.outputs) {
    const moved = retarget(through, main, own);
    if (!moved) return false;
    outputs.push(moved);
  }
  if (step.kind === 'attention' && outputs.length > 1) return false;
  const fused = withEpilogueOf(writer, step, outputs, [...made.filter((_, at) => kept[at]), ...results]);
  if (!fused) return false;
  const merged = { ...fused, origin: mergedOrigin(step, consumer) };
  return isLegal(merged, graph.tensors, target, step) && graph.join([step, consumer], [merged]);
}

/** The step with these results; without an epilogue where it would do nothing. */
export function withEpilogueOf(
  writer: ExpressionWriter,
  step: Step,
  outputs: readonly Target[],
  results: readonly Value[],
): Step | undefined {
  const { epilogue: _, ...bare } = step;
  const count = resultCount(step);
  const isPlain = results.length === count && results.every((result, at) => writer.baseOf(result) === at);
  if (isPlain) return { ...bare, outputs };
  const epilogue = writer.finish(count, results);
  return epilogue && { ...bare, outputs, epilogue };
}
