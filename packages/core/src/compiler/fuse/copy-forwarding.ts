import type { DataType, Step, Target, View } from '../../contract/index.js';
import { readsOf, withViews } from '../accesses.js';
import { accessesOf, conflicts } from '../dependences.js';
import { ExpressionWriter } from '../expressions/expression-writer.js';
import { isCopy } from '../expressions/normal-map.js';
import { isBlockType } from '../expressions/operators.js';
import type { StepGraph } from '../step-graph.js';
import { viewsOverlap } from '../view-overlap.js';
import { elementCount, isInjective } from '../views.js';
import { mergedOrigin } from './forward.js';
import { isLegal } from './legality.js';
import { covers, reindex, retarget } from './reindex.js';
import type { FusionTarget } from './target.js';

/**
 * Takes away a copy of a temporary: those who write the temporary write where it is copied to, be it a part of a
 * concatenation, an output, rows of a state. Other readers of the temporary read there, too. A map that computes
 * something of each element, say a cast, is drawn into the maps that write the temporary in the same way.
 */
export function forwardCopy(graph: StepGraph, copy: Step, target: FusionTarget): boolean {
  const isPlain = isCopy(copy, graph.tensors);
  if (!isPlain && !isElementwise(graph, copy)) return false;
  const reader = copy.inputs[0]!;
  const destination = copy.outputs[0]!;
  if (!graph.isTemporary(reader.tensor) || destination.tensor === reader.tensor) return false;
  const writers = graph.writersOf(reader.tensor);
  const others = graph.readersOf(reader.tensor).filter((step) => step !== copy);
  if (!isPlain && (others.length > 0 || writers.some(({ kind }) => kind !== 'map'))) return false;
  const moved = writers.map((step) => {
    const forwarded = withTargets(step, reader, destination, copy);
    return forwarded && !isPlain ? withComputation(graph, step, forwarded, copy) : forwarded;
  });
  if (writers.length === 0 || moved.some((step) => step === undefined)) return false;
  const replacements = moved as Step[];
  const written = writers.flatMap((step) => step.outputs.filter(({ tensor }) => tensor === reader.tensor));
  const count = written.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (count !== elementCount(reader.shape)) return false;
  if (!replacements.every((step, at) => isLegal(step, graph.tensors, target, writers[at]!))) return false;

  const redirected = others.map((step) => redirect(graph, step, reader, destination, copy));
  if (redirected.some((step) => step === undefined || !isLegal(step, graph.tensors, target, step))) return false;
  if (!moveWrites(graph, writers, replacements, copy)) return false;
  for (const [at, step] of others.entries()) graph.replace(step, redirected[at]!);
  return true;
}

/** A map of one operand that does the same with every element, wherever it stands. */
function isElementwise(graph: StepGraph, { kind, inputs, outputs, epilogue }: Step): boolean {
  return (
    kind === 'map' &&
    inputs.length === 1 &&
    outputs.length === 1 &&
    !inputs[0]!.quantization &&
    !isBlockType(graph.tensors[inputs[0]!.tensor]!.type) &&
    !epilogue!.body.some(({ op }) => op === 'coordinate')
  );
}

/** The forwarded writer, which does to what it stored in the temporary what the copying map did. */
function withComputation(graph: StepGraph, step: Step, forwarded: Step, copy: Step): Step | undefined {
  const { tensor } = copy.inputs[0]!;
  const writer = new ExpressionWriter(graph.tensors);
  const made = writer.inline(
    step.epilogue!,
    step.inputs.map((input) => writer.input(input!)),
  )!;
  const results = made.map((value, output) => {
    if (step.outputs[output]!.tensor !== tensor) return value;
    const stored = writer.stored(value, graph.tensors[tensor]!.type as DataType);
    return writer.inline(copy.epilogue!, [stored])![0]!;
  });
  return { ...forwarded, ...writer.finishMap(results) };
}

/** The writer with its outputs to the temporary going to the destination instead. */
function withTargets(step: Step, reader: View, destination: Target, copy: Step): Step | undefined {
  if (step.kind === 'scatter' || step.body) return undefined;
  const outputs: Target[] = [];
  for (const output of step.outputs) {
    if (output.tensor !== reader.tensor) {
      outputs.push(output);
      continue;
    }
    const moved = output.rows ? undefined : retargetPart(output, reader, destination);
    if (!moved) return undefined;
    outputs.push(moved);
  }
  return { ...step, outputs, origin: mergedOrigin(step, copy) };
}

/** As {@link retarget}, of a part of what is copied. */
function retargetPart(part: Target, reader: View, destination: Target): Target | undefined {
  if (covers(part, reader)) return retarget(part, reader, destination);
  // With rows, a part along that axis would need a part of the indices.
  if (destination.rows) return retargetRowsPart(part, reader, destination);
  return isInjective(reader) ? reindex(reader, destination, part) : undefined;
}

/** A part of what goes to rows: whole along the axis of the rows, index for index. */
function retargetRowsPart(part: Target, reader: View, destination: Target): Target | undefined {
  const { axis, indices } = destination.rows!;
  if (!isInjective(reader) || part.shape.length !== reader.shape.length) return undefined;
  const plain = { ...destination, shape: reader.shape };
  const moved = reindex(reader, plain, part);
  const unit = { ...plain, offset: 0, strides: reader.strides.map((_, at) => (at === axis ? 1 : 0)) };
  const along = reindex(reader, unit, part);
  if (!moved || !along || along.offset !== 0 || part.shape[axis] !== reader.shape[axis]) return undefined;
  if (along.strides.some((stride, at) => part.shape[at]! > 1 && stride !== (at === axis ? 1 : 0))) return undefined;
  return {
    tensor: destination.tensor,
    offset: moved.offset,
    shape: moved.shape.map((extent, at) => (at === axis ? destination.shape[axis]! : extent)),
    strides: moved.strides.map((stride, at) => (at === axis ? destination.strides[axis]! : stride)),
    rows: { axis, indices },
  };
}

/** Another reader of the temporary, reading at the destination. */
function redirect(graph: StepGraph, step: Step, reader: View, destination: Target, copy: Step): Step | undefined {
  const { kind } = graph.tensors[destination.tensor]!.origin;
  if (destination.rows || (kind !== 'temporary' && kind !== 'output')) return undefined;
  const isWrittenElsewhere = graph
    .writersOf(destination.tensor)
    .some((other) => other !== copy && other.outputs.some((output) => viewsOverlap(output, destination)));
  if (isWrittenElsewhere || step.body || step.outputs.some(({ tensor }) => tensor === reader.tensor)) return undefined;
  let isComplete = true;
  const redirected = withViews(step, (view, role) => {
    if (role === 'write' || view.tensor !== reader.tensor) return view;
    const moved = isInjective(reader) ? reindex(reader, destination, view) : undefined;
    if (!moved) isComplete = false;
    return moved ? { ...view, ...moved } : view;
  });
  return isComplete ? redirected : undefined;
}

/** Writes move from where the copy stood to where the writers stand. */
function moveWrites(graph: StepGraph, writers: readonly Step[], replacements: readonly Step[], copy: Step): boolean {
  if (writers.length === 1) return graph.join([writers[0]!, copy], replacements);
  const first = Math.min(...writers.map((step) => graph.position(step)));
  const own = accessesOf(copy);
  const between = graph.steps.slice(first, graph.position(copy));
  if (between.some((step) => !writers.includes(step) && conflictsBesides(step, copy, own))) return false;
  // Nor may one of the writers read what another now writes.
  if (writers.some((step) => readsOf(step).some((read) => viewsOverlap(read, copy.outputs[0]!)))) return false;
  for (const [at, step] of writers.entries()) graph.replace(step, replacements[at]!);
  graph.remove(copy);
  return true;
}

/** Conflicts other than reading the temporary that is copied. */
function conflictsBesides(step: Step, copy: Step, own: ReturnType<typeof accessesOf>): boolean {
  const copied = copy.inputs[0]!.tensor;
  return conflicts(accessesOf(step), { ...own, reads: own.reads.filter(({ tensor }) => tensor !== copied) });
}
