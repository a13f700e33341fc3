import type { Instruction, Step, Type, View } from '../../contract/index.js';
import { ExpressionWriter, type Value } from '../expressions/expression-writer.js';
import { elementType, isBlockType } from '../expressions/operators.js';
import { resultCount, resultTypes } from '../expressions/value-types.js';
import type { Module } from '../module.js';
import { elementCount } from '../views.js';
import { constantBytes, scalarValue } from './constant-data.js';

/**
 * Rewrites every expression: algebra, equal instructions, dead ones. What is read from a constant of one element
 * becomes an instruction, so that algebra and pattern recognition see its value.
 */
export function simplifyExpressions(module: Module): Module {
  const { tensors } = module;
  const constant = scalarConstants(module);
  let known = simplified.get(tensors);
  if (!known) simplified.set(tensors, (known = new WeakSet()));
  const steps = module.steps.map((step) => {
    if (known.has(step)) return step;
    const simple = simplifyStep(step, tensors, constant);
    known.add(simple);
    return simple;
  });
  return { tensors, steps };
}

/** What came out for these tensors before, and need not go in again. */
const simplified = new WeakMap<Module['tensors'], WeakSet<Step>>();

type ScalarConstants = (view: View) => Instruction | undefined;

function simplifyStep(step: Step, tensors: readonly { readonly type: Type }[], constant: ScalarConstants): Step {
  if (step.body) return step;
  const inputs = step.inputs.map((operand, input) => {
    if (!operand?.prologue || step.kind === 'map') return operand;
    const writer = new ExpressionWriter(tensors);
    const { prologue, ...plain } = operand;
    const read = elementType(tensors[operand.quantization?.scale.tensor ?? operand.tensor]!.type);
    const results = inlineReading(writer, prologue, [writer.base(0, read)], constant);
    if (writer.baseOf(results[0]!) === 0) return plain;
    return { ...plain, prologue: writer.finish(1, results) ?? step.inputs[input]!.prologue! };
  });
  if (step.kind === 'map') {
    const writer = new ExpressionWriter(tensors);
    const values = step.inputs.map((operand) => {
      const known = operand!.quantization ? undefined : constant(operand!);
      const element = known ? writer.instruction(known) : writer.input(operand!);
      return operand!.prologue ? inlineReading(writer, operand!.prologue, [element], constant)[0]! : element;
    });
    return { ...step, ...writer.finishMap(inlineReading(writer, step.epilogue!, values, constant)) };
  }
  if (!step.epilogue) return { ...step, inputs };
  const writer = new ExpressionWriter(tensors);
  const bases = resultTypes(step, tensors).map((dataType, index) => writer.base(index, dataType));
  const results = inlineReading(writer, step.epilogue, bases, constant);
  return { ...step, inputs, epilogue: writer.finish(resultCount(step), results) ?? step.epilogue };
}

/** Takes an expression over, its scalar constants as instructions. */
function inlineReading(
  writer: ExpressionWriter,
  expression: NonNullable<Step['epilogue']>,
  values: readonly Value[],
  constant: ScalarConstants,
): Value[] {
  const read = expression.inputs.map((view) => {
    const known = constant(view);
    return known ? writer.instruction(known) : writer.input(view);
  });
  return writer.inline({ ...expression, inputs: [] }, [...values, ...read])!;
}

function scalarConstants({ tensors }: Module): ScalarConstants {
  const known = new Map<number, Instruction | undefined>();
  return ({ tensor, shape }) => {
    if (elementCount(shape) === 0) return undefined;
    if (!known.has(tensor)) {
      const { type, shape: whole } = tensors[tensor]!;
      const bytes = elementCount(whole) === 1 && !isBlockType(type) ? constantBytes(tensors[tensor]!, 64) : undefined;
      const dataType = elementType(type);
      const value = bytes && scalarValue(bytes, dataType);
      known.set(tensor, value === undefined ? undefined : { op: 'constant', arguments: [], dataType, value });
    }
    return known.get(tensor);
  };
}
