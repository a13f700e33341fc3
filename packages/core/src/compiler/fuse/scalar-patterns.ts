import type { Expression, Step } from '../../contract/index.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import { resultCount, resultTypes } from '../expressions/value-types.js';
import type { StepGraph } from '../step-graph.js';
import { isLegal } from './legality.js';
import type { FusionTarget } from './target.js';
import { argumentsOf, isAbout, numberOf, quotient } from './terms.js';

/** Recognizes activations that were spelled out: x·sigmoid(x) is silu, x/2·(1 + erf(x/√2)) is gelu. */
export function recognizeActivations(graph: StepGraph, step: Step, target: FusionTarget): boolean {
  if (!step.epilogue?.body.some(({ op }) => op === 'sigmoid' || op === 'erf')) return false;
  const writer = new ExpressionWriter(graph.tensors);
  const types = resultTypes(step, graph.tensors);
  const bases = step.kind === 'map' ? undefined : types.map((dataType, index) => writer.base(index, dataType));
  const values = bases ?? step.inputs.map((operand) => writer.input(operand!));
  const results = writer.inline(step.epilogue, values)!;
  let activation: 'silu' | 'gelu' | undefined;
  let x: Value | undefined;
  const found = writer.findLast((_, value) => {
    x = siluOf(writer, value);
    activation = x === undefined ? 'gelu' : 'silu';
    x ??= geluOf(writer, value);
    return x !== undefined;
  });
  if (found === undefined || x === undefined || activation === undefined) return false;

  const rewritten = new ExpressionWriter(graph.tensors);
  const known = new Map<Value, Value>();
  for (const base of bases ?? []) known.set(base, rewritten.base(writer.baseOf(base)!, writer.typeOf(base)));
  const argument = writer.transcribe(x, rewritten, known);
  if (argument === undefined) return false;
  known.set(found, rewritten.instruction({ op: activation, arguments: [argument], dataType: writer.typeOf(found) }));
  const moved = results.map((result) => writer.transcribe(result, rewritten, known)!);
  const parts: { readonly inputs?: Step['inputs']; readonly epilogue?: Expression | undefined } = bases
    ? { epilogue: rewritten.finish(resultCount(step), moved) }
    : rewritten.finishMap(moved);
  if (!parts.epilogue) return false;
  const replaced: Step = { ...step, ...parts, epilogue: parts.epilogue };
  if (!isLegal(replaced, graph.tensors, target, step)) return false;
  graph.replace(step, replaced);
  return true;
}

function siluOf(writer: ExpressionWriter, value: Value): Value | undefined {
  for (const [x, factor] of argumentsOf(writer, value, 'mul')) {
    if (argumentsOf(writer, factor!, 'sigmoid').some(([of]) => of === x)) return x;
  }
  return undefined;
}

/** The half may stand anywhere in the product. */
function geluOf(writer: ExpressionWriter, value: Value): Value | undefined {
  const factors = factorsOf(writer, value);
  if (factors.length < 2 || factors.length > 3) return undefined;
  for (const normal of factors) {
    const x = normalArgument(writer, normal);
    const others = factors.filter((factor) => factor !== normal);
    const rest = x === undefined ? others : others.filter((factor) => factor !== x);
    if (x === undefined || rest.length === others.length || others.length !== 2) continue;
    if (isAbout(numberOf(writer, rest[0]!), 0.5)) return x;
  }
  return undefined;
}

/** x of 1 + erf(x/√2). */
function normalArgument(writer: ExpressionWriter, value: Value): Value | undefined {
  for (const [one, error] of argumentsOf(writer, value, 'add')) {
    if (numberOf(writer, one!) !== 1) continue;
    for (const [of] of argumentsOf(writer, error!, 'erf')) {
      const scaled = quotient(writer, of!);
      if (scaled && isAbout(scaled.by, Math.SQRT2)) return scaled.of;
    }
  }
  return undefined;
}

function factorsOf(writer: ExpressionWriter, value: Value): Value[] {
  const [product] = argumentsOf(writer, value, 'mul');
  if (product) return product.flatMap((factor) => factorsOf(writer, factor));
  const halved = argumentsOf(writer, value, 'div').find(([, by]) => numberOf(writer, by!) === 2);
  if (!halved) return [value];
  const dataType = writer.typeOf(value);
  return [
    ...factorsOf(writer, halved[0]!),
    writer.instruction({ op: 'constant', arguments: [], dataType, value: 0.5 }),
  ];
}
