import type { Operand, Step } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { canonicalText } from '../canonical-text.js';
import { accessesOf, conflicts } from '../dependences.js';
import { ExpressionWriter, sameOperand } from '../expressions/expression-writer.js';
import { resultTypes } from '../expressions/value-types.js';
import type { StepGraph } from '../step-graph.js';
import { sameShape } from '../views.js';
import { mergedOrigin, producerOf } from './forward.js';
import { isLegal } from './legality.js';
import { withEpilogueOf } from './map-into-epilogue.js';
import type { FusionTarget } from './target.js';

/**
 * Two matmuls with one `a` whose results meet in a map become one with several `b`: a gated MLP reads its activations
 * once, and silu(v0) · v1 becomes its epilogue.
 */
export function gateMatmuls(graph: StepGraph, consumer: Step, target: FusionTarget): boolean {
  if (consumer.kind !== 'map') return false;
  const producers = new Set<Step>();
  for (const operand of consumer.inputs) {
    const step = operand!.quantization ? undefined : producerOf(graph, operand!)?.step;
    if (step?.kind === 'matmul') producers.add(step);
  }
  const [first, second] = producers;
  return first !== undefined && second !== undefined && unite(graph, first, second, target);
}

function unite(graph: StepGraph, first: Step, second: Step, target: FusionTarget): boolean {
  if (!canUnite(graph, first, second)) return false;
  const writer = new ExpressionWriter(graph.tensors);
  const inputs = [...first.inputs, ...second.inputs.slice(1)];
  const joined: Step = {
    ...first,
    inputs,
    outputs: [...first.outputs, ...second.outputs],
    origin: mergedOrigin(first, second),
  };
  const types = resultTypes(joined, graph.tensors);
  const bases = types.map((dataType, index) => writer.base(index, dataType));
  const own = bases.slice(0, first.inputs.length - 1);
  const others = bases.slice(first.inputs.length - 1);
  const results = [
    ...(first.epilogue ? writer.inline(first.epilogue, own)! : own),
    ...(second.epilogue ? writer.inline(second.epilogue, others)! : others),
  ];
  const united = withEpilogueOf(writer, joined, joined.outputs, results);
  return united !== undefined && isLegal(united, graph.tensors, target, first) && graph.join([first, second], [united]);
}

function canUnite(graph: StepGraph, first: Step, second: Step): boolean {
  const [a, b] = first.inputs as Operand[];
  const [otherA, otherB] = second.inputs as Operand[];
  return (
    !conflicts(accessesOf(first), accessesOf(second)) &&
    sameAttributes(first, second) &&
    samePrologue(a!, otherA!) &&
    sameOperand(a!, otherA!) &&
    sameShape(b!.shape, otherB!.shape) &&
    graph.tensors[b!.tensor]!.type === graph.tensors[otherB!.tensor]!.type
  );
}

export function sameAttributes(a: Step, b: Step): boolean {
  return canonicalText(a.attributes) === canonicalText(b.attributes);
}

/** Whether two operands have the same prologue, or none. */
export function samePrologue(a: Operand, b: Operand): boolean {
  if (!a.prologue || !b.prologue) return a.prologue === b.prologue;
  const plain = ({ prologue }: Operand) =>
    canonicalText([prologue!.inputs.map(plainView), prologue!.body, prologue!.results]);
  return plain(a) === plain(b);
}
