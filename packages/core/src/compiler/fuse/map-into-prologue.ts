import type { Operand, Step } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import { ExpressionWriter } from '../expressions/expression-writer.js';
import { elementType, isBlockType } from '../expressions/operators.js';
import type { StepGraph } from '../step-graph.js';
import { elementCount } from '../views.js';
import {
  inlineMap,
  isNeededBesides,
  mergedOrigin,
  type Producer,
  producerOf,
  reindexOperand,
  repetition,
  resultWeight,
  usedInputs,
} from './forward.js';
import { isLegal } from './legality.js';
import { absorb } from './map-into-map.js';
import type { FusionTarget } from './target.js';

/**
 * How costly a prologue may be by kind and position: an operand that is read once bears anything, one that is read
 * again and again only what a load hides.
 */
const bearable: Readonly<Record<string, readonly number[]>> = {
  reduce: [Number.POSITIVE_INFINITY],
  normalize: [8],
  matmul: [16, 16, 16, 16],
  attention: [4, 2, 2, 0, 0, 0, 4],
  gather: [32, 8],
  scan: [16],
  sort: [4],
  scatter: [4, Number.POSITIVE_INFINITY],
};

/** With other readers, the map would be computed in each of them. */
const bearableWhenShared = 3;
/** And where one element is read at several indices, several times. */
const bearableWhenRepeated = 4;

/** Draws a map into the prologue of the operand that reads what it writes. */
export function fuseMapIntoPrologue(graph: StepGraph, consumer: Step, target: FusionTarget): boolean {
  return consumer.inputs.some((operand, position) => {
    const limit = bearable[consumer.kind]?.[position] ?? 0;
    if (!operand || operand.quantization || limit === 0) return false;
    const producer = producerOf(graph, operand);
    if (producer?.step.kind !== 'map') return false;
    const through = producer.step.outputs[producer.output]!;
    const isShared = isNeededBesides(graph, through, consumer);
    const weight = resultWeight(producer.step, producer.output);
    const isRepeated = repetition(through, [operand]) > 1 || gathersAgain(consumer, position);
    const limits = [limit, ...(isShared ? [bearableWhenShared] : []), ...(isRepeated ? [bearableWhenRepeated] : [])];
    if (weight > Math.min(...limits)) return false;
    if (isShared && producer.step.inputs.length > 1 && !readsOnlyConstants(graph, producer.step)) return false;
    return fuseOperand(graph, producer, consumer, position, target);
  });
}

/** Whether a gather takes more elements than there are. */
function gathersAgain({ kind, inputs, outputs }: Step, position: number): boolean {
  return kind === 'gather' && position === 0 && elementCount(outputs[0]!.shape) > elementCount(inputs[0]!.shape);
}

function readsOnlyConstants(graph: StepGraph, step: Step): boolean {
  return step.inputs.every((input) => graph.tensors[input!.tensor]!.origin.kind === 'constant');
}

function fuseOperand(
  graph: StepGraph,
  producer: Producer,
  consumer: Step,
  position: number,
  target: FusionTarget,
): boolean {
  const operand = consumer.inputs[position]!;
  const replacement = drawnOperand(graph, producer, operand);
  if (!replacement) return false;
  const fused: Step = {
    ...consumer,
    inputs: consumer.inputs.map((input, at) => (at === position ? replacement : input)),
    origin: mergedOrigin(producer.step, consumer),
  };
  if (!isLegal(fused, graph.tensors, target, consumer)) return false;
  return absorb(graph, producer.step, consumer, fused);
}

/** The operand that reads what the map reads, with the map as its prologue. */
function drawnOperand(graph: StepGraph, producer: Producer, operand: Operand): Operand | undefined {
  const { step, output } = producer;
  const through = step.outputs[output]!;
  const moved = [...usedInputs(step, output)].map((input) => reindexOperand(through, step.inputs[input]!, operand));
  if (moved.some((input) => input === undefined)) return undefined;
  const base = chooseBase(graph, moved as Operand[]);
  if (!base) return undefined;
  const writer = new ExpressionWriter(graph.tensors);
  const read = base.quantization?.scale.tensor ?? base.tensor;
  const baseType = elementType(graph.tensors[read]!.type);
  const element = inlineMap(writer, graph, producer, operand, (input) =>
    isSameElement(input, base) ? writer.base(0, baseType) : writer.input(input),
  );
  if (element === undefined) return undefined;
  const result = operand.prologue ? writer.inline(operand.prologue, [element])! : [element];
  const plain = { ...plainView(base), ...(base.quantization && { quantization: base.quantization }) };
  if (writer.baseOf(result[0]!) === 0) return plain;
  const prologue = writer.finish(1, result);
  return prologue && { ...plain, prologue };
}

/** What only an operand can be comes first, then what has the most elements. */
function chooseBase(graph: StepGraph, operands: readonly Operand[]): Operand | undefined {
  const rank = (operand: Operand) => {
    const distinct = elementCount(operand.shape.filter((_, axis) => operand.strides[axis] !== 0));
    return operand.quantization || isBlockType(graph.tensors[operand.tensor]!.type)
      ? Number.POSITIVE_INFINITY
      : distinct;
  };
  return operands.reduce<Operand | undefined>(
    (best, operand) => (best === undefined || rank(operand) > rank(best) ? operand : best),
    undefined,
  );
}

function isSameElement(a: Operand, b: Operand): boolean {
  return (
    a.tensor === b.tensor &&
    a.offset === b.offset &&
    a.quantization === b.quantization &&
    a.strides.every((stride, axis) => stride === b.strides[axis] || a.shape[axis] === 1)
  );
}
