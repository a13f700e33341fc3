import type { DataType, Operand, Step, Target, View } from '../../contract/index.js';
import { plainView } from '../accesses.js';
import type { ExpressionWriter, Value } from '../expressions/expression-writer.js';
import { isFloat, weightOf } from '../expressions/operators.js';
import type { StepGraph } from '../step-graph.js';
import { elementCount, sameView } from '../views.js';
import { reindex } from './reindex.js';

/** A map's output, as far as one reader is concerned. */
export interface Producer {
  readonly step: Step;
  readonly output: number;
}

/**
 * Who alone writes all that a view reads, if it is a temporary or an output, written whole and in one piece: what can
 * be forwarded without going through memory.
 */
export function producerOf(graph: StepGraph, reader: View): Producer | undefined {
  const { kind } = graph.tensors[reader.tensor]!.origin;
  if (kind !== 'temporary' && kind !== 'output') return undefined;
  const step = graph.writerOf(reader);
  if (!step || step.kind === 'scatter') return undefined;
  const output = step.outputs.findIndex(
    (target) => target.tensor === reader.tensor && !target.rows && reindex(target, target, reader) !== undefined,
  );
  return output < 0 ? undefined : { step, output };
}

/** The value that a map stores as one of its outputs, computed anew at the indices of a reader of it. */
export function inlineMap(
  writer: ExpressionWriter,
  graph: StepGraph,
  { step, output }: Producer,
  reader: View,
  read: (operand: Operand) => Value | undefined = (operand) => writer.input(operand),
): Value | undefined {
  const through = step.outputs[output]!;
  const epilogue = step.epilogue!;
  const used = usedInputs(step, output);
  const values: Value[] = [];
  for (const [index, operand] of step.inputs.entries()) {
    if (!used.has(index)) {
      values.push(-1);
      continue;
    }
    const moved = reindexOperand(through, operand!, reader);
    const value = moved && read(moved);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const only = onlyResult(step, output);
  const results = writer.inline({ ...epilogue, ...only }, values, undefined, (axis, dataType) =>
    moveCoordinate(writer, through, reader, axis, dataType),
  );
  return results && writer.stored(results[0]!, storedType(graph, through));
}

/** What one result of a map costs to compute anew. */
export function resultWeight(step: Step, output: number): number {
  return weightOf(onlyResult(step, output).body.filter((instruction) => instruction.op !== 'constant'));
}

/** The operands of a map that one of its results needs. */
export function usedInputs(step: Step, output: number): ReadonlySet<number> {
  const { body, results } = step.epilogue!;
  const needed = new Set<number>([results[output]!]);
  for (let at = body.length - 1; at >= 0; at--) {
    if (!needed.has(step.inputs.length + at)) continue;
    for (const argument of body[at]!.arguments) needed.add(argument);
  }
  return new Set([...needed].filter((value) => value < step.inputs.length));
}

/** An operand of a map at the indices of a reader; quantization by blocks only goes along unchanged. */
export function reindexOperand(through: View, operand: Operand, reader: View): Operand | undefined {
  if (operand.quantization) return sameView({ ...through, tensor: reader.tensor }, reader) ? operand : undefined;
  return reindex(through, plainView(operand), reader);
}

/** The index along an axis of the writer, computed from the indices of the reader. */
export function moveCoordinate(
  writer: ExpressionWriter,
  through: View,
  reader: View,
  axis: number,
  dataType: DataType,
): Value | undefined {
  const unit = { ...plainView(through), offset: 0, strides: through.strides.map((_, at) => (at === axis ? 1 : 0)) };
  const moved = reindex(through, unit, reader);
  const largest = through.shape[axis]! - 1;
  if (!moved || (isFloat(dataType) && (dataType !== 'float32' || largest >= 2 ** 24))) return undefined;
  if (dataType.endsWith('8') && largest > 127) return undefined;
  const constant = (value: number) => writer.instruction({ op: 'constant', arguments: [], dataType, value });
  let sum: Value | undefined;
  const add = (term: Value) => {
    sum = sum === undefined ? term : writer.instruction({ op: 'add', arguments: [sum, term], dataType });
  };
  moved.strides.forEach((stride, at) => {
    if (stride === 0 || moved.shape[at] === 1) return;
    const index = writer.instruction({ op: 'coordinate', arguments: [], dataType, value: at });
    add(stride === 1 ? index : writer.instruction({ op: 'mul', arguments: [index, constant(stride)], dataType }));
  });
  if (sum === undefined || moved.offset !== 0) add(constant(moved.offset));
  return sum;
}

/** Whether anyone but `reader` still reads what goes to this target, or it has to be there in the end. */
export function isNeededBesides(graph: StepGraph, target: Target, reader: Step): boolean {
  return !graph.isTemporary(target.tensor) || graph.readersOf(target.tensor).some((step) => step !== reader);
}

export function mergedOrigin(...steps: readonly Step[]): readonly string[] {
  return [...new Set(steps.flatMap((step) => step.origin))];
}

/** How often each element that was written is computed if every read of it computes it anew. */
export function repetition(through: View, readers: readonly View[]): number {
  const written = elementCount(through.shape);
  const read = readers.reduce((sum, reader) => sum + elementCount(reader.shape), 0);
  return written === 0 ? 1 : read / written;
}

function onlyResult(step: Step, output: number) {
  const { body, results } = step.epilogue!;
  const count = step.inputs.length;
  const needed = new Set<number>([results[output]!]);
  for (let at = body.length - 1; at >= 0; at--) {
    if (needed.has(count + at)) for (const argument of body[at]!.arguments) needed.add(argument);
  }
  const numbers = new Map<number, number>(step.inputs.map((_, index) => [index, index]));
  const kept = body.flatMap((instruction, at) => {
    if (!needed.has(count + at)) return [];
    numbers.set(count + at, numbers.size);
    return [{ ...instruction, arguments: instruction.arguments.map((argument) => numbers.get(argument)!) }];
  });
  return { body: kept, results: [numbers.get(results[output]!)!] };
}

function storedType(graph: StepGraph, target: Target): DataType {
  return graph.tensors[target.tensor]!.type as DataType;
}
