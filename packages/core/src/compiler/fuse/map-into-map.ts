import type { Operand, Step, Target } from '../../contract/index.js';
import { readsOf } from '../accesses.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import type { StepGraph } from '../step-graph.js';
import { sameView } from '../views.js';
import {
  inlineMap,
  isNeededBesides,
  mergedOrigin,
  moveCoordinate,
  type Producer,
  producerOf,
  reindexOperand,
  repetition,
  resultWeight,
} from './forward.js';
import { isLegal } from './legality.js';
import { covers, retarget } from './reindex.js';
import type { FusionTarget } from './target.js';

/** Up to here computing an element again costs less than writing and reading it. */
const cheapWeight = 4;
/** What a load does anyway: a copy, a cast, a negation. */
const freeWeight = 1;

/**
 * Draws a map into the map that reads what it writes. With more than one reader it is computed again in each where that
 * is next to free; otherwise both become one map with the outputs of both, if they run over the same elements.
 */
export function fuseMapIntoMap(graph: StepGraph, consumer: Step, target: FusionTarget): boolean {
  if (consumer.kind !== 'map') return false;
  for (const operand of consumer.inputs) {
    if (operand!.quantization) continue;
    const producer = producerOf(graph, operand!);
    if (producer?.step.kind !== 'map' || producer.step === consumer) continue;
    if (fusePair(graph, producer, operand!, consumer, target)) return true;
  }
  return false;
}

function fusePair(
  graph: StepGraph,
  producer: Producer,
  operand: Operand,
  consumer: Step,
  target: FusionTarget,
): boolean {
  const through = producer.step.outputs[producer.output]!;
  const readers = consumer.inputs.filter((input) => input!.tensor === operand.tensor) as Operand[];
  const weight = resultWeight(producer.step, producer.output);
  const isShared = isNeededBesides(graph, through, consumer);
  const isRepeated = repetition(through, readers) > 1;
  if (!isShared && (!isRepeated || weight <= cheapWeight)) return inlineInto(graph, producer, consumer, target);
  if (weight <= freeWeight && movesNoMore(producer) && inlineInto(graph, producer, consumer, target)) return true;
  return !isRepeated && unite(graph, producer, operand, consumer, target);
}

/** Whether reading what the producer reads is no more work than reading what it writes. */
function movesNoMore({ step }: Producer): boolean {
  return step.inputs.length <= 1;
}

/** The consumer computes what it read; the producer keeps what others still need. */
function inlineInto(graph: StepGraph, producer: Producer, consumer: Step, target: FusionTarget): boolean {
  const writer = new ExpressionWriter(graph.tensors);
  const values: Value[] = [];
  for (const input of consumer.inputs) {
    const own = input!.quantization ? undefined : producerOf(graph, input!);
    const value = own?.step === producer.step ? inlineMap(writer, graph, own, input!) : writer.input(input!);
    if (value === undefined) return false;
    values.push(value);
  }
  const results = writer.inline(consumer.epilogue!, values)!;
  const fused: Step = {
    ...consumer,
    ...writer.finishMap(results),
    origin: mergedOrigin(producer.step, consumer),
  };
  return isLegal(fused, graph.tensors, target) && absorb(graph, producer.step, consumer, fused);
}

/** Puts `fused`, which computes itself what it read of a map, in the place of the consumer; keeps what others need of the map. */
export function absorb(graph: StepGraph, producer: Step, consumer: Step, fused: Step): boolean {
  const rest = withoutUnneeded(graph, producer, consumer, fused);
  if (graph.readsUnchangedUntil(producer, consumer)) {
    graph.replace(consumer, fused);
    if (rest) graph.replace(producer, rest);
    else graph.remove(producer);
    return true;
  }
  return !rest && graph.join([producer, consumer], [fused]);
}

/** The map without outputs that only `consumer` read, and reads no more; `undefined` if none is left. */
function withoutUnneeded(graph: StepGraph, step: Step, consumer: Step, fused: Step): Step | undefined {
  const stillRead = new Set(readsOf(fused).map(({ tensor }) => tensor));
  const kept = step.outputs.map((output) => stillRead.has(output.tensor) || isNeededBesides(graph, output, consumer));
  if (kept.every((isKept) => isKept)) return step;
  if (!kept.some((isKept) => isKept)) return undefined;
  const writer = new ExpressionWriter(graph.tensors);
  const values = step.inputs.map((input) => writer.input(input!));
  const results = writer.inline(step.epilogue!, values)!.filter((_, output) => kept[output]);
  return { ...step, ...writer.finishMap(results), outputs: step.outputs.filter((_, output) => kept[output]) };
}

/** One map over the consumer's indices with the outputs of both. */
function unite(
  graph: StepGraph,
  { step, output }: Producer,
  operand: Operand,
  consumer: Step,
  target: FusionTarget,
): boolean {
  const through = step.outputs[output]!;
  if (!covers(through, operand)) return false;
  const writer = new ExpressionWriter(graph.tensors);
  const values: Value[] = [];
  for (const input of step.inputs) {
    const moved = reindexOperand(through, input!, operand);
    if (!moved) return false;
    values.push(writer.input(moved));
  }
  const made = writer.inline(step.epilogue!, values, undefined, (axis, dataType) =>
    moveCoordinate(writer, through, operand, axis, dataType),
  );
  const outputs: Target[] = [];
  for (const own of step.outputs) {
    const moved = retarget(operand, through, own);
    if (!moved) return false;
    outputs.push(moved);
  }
  if (!made) return false;
  const read: Value[] = [];
  for (const input of consumer.inputs) {
    const same = outputs.findIndex((own) => !own.rows && sameView(own, input!));
    if (same < 0 && outputs.some((own) => own.tensor === input!.tensor)) return false;
    read.push(
      same < 0 ? writer.input(input!) : writer.stored(made[same]!, writer.typeOf(writer.input({ ...outputs[same]! }))),
    );
  }
  const results = [...made, ...writer.inline(consumer.epilogue!, read)!];
  const kept = [...step.outputs, ...consumer.outputs].map(
    (own, at) => at >= step.outputs.length || isNeededBesides(graph, own, consumer),
  );
  const fused: Step = {
    ...consumer,
    ...writer.finishMap(results.filter((_, at) => kept[at])),
    outputs: [...outputs, ...consumer.outputs].filter((_, at) => kept[at]),
    origin: mergedOrigin(step, consumer),
  };
  return isLegal(fused, graph.tensors, target) && graph.join([step, consumer], [fused]);
}
