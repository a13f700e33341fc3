import type { Operand, Step, Type } from '../../contract/index.js';
import { ExpressionWriter, type Value } from './expression-writer.js';

/**
 * A map in its one normal form: everything it reads is an operand without a prologue, each different, and its
 * expression has neither inputs of its own nor anything that no result needs.
 */
export function normalizeMap(step: Step, tensors: readonly { readonly type: Type }[]): Step {
  const writer = new ExpressionWriter(tensors);
  const results = writer.inline(
    step.epilogue!,
    step.inputs.map((operand) => readOperand(writer, operand!)),
  )!;
  return { ...step, ...writer.finishMap(results) };
}

/** The element of an operand, after its prologue. */
export function readOperand(writer: ExpressionWriter, operand: Operand): Value {
  const element = writer.input(operand);
  return operand.prologue ? writer.inline(operand.prologue, [element])![0]! : element;
}

/** Whether a map does nothing but copy its one operand. */
export function isCopy(step: Step, tensors: readonly { readonly type: Type }[]): boolean {
  if (step.kind !== 'map' || step.inputs.length !== 1 || step.outputs.length !== 1) return false;
  const operand = step.inputs[0]!;
  const { body, results } = step.epilogue!;
  return (
    body.length === 0 &&
    results[0] === 0 &&
    !operand.quantization &&
    tensors[operand.tensor]!.type === tensors[step.outputs[0]!.tensor]!.type
  );
}
