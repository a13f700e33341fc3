import { type Expression, reference, type View } from '@halyard/core';
import type { Bounded } from './bounded.js';
import { instructionErrors } from './scalar.js';
import type { Shadow } from './shadow.js';

/** A view's values and errors. */
export function readBounded(shadow: Shadow, view: View): Bounded {
  const count = reference.elementCount(view.shape);
  const { type, column } = reference.readView(shadow.memory, view, 0, count);
  return { type, shape: view.shape, values: column, errors: shadow.errors(view) };
}

/** An expression over whole operands, as the reference evaluates it, with errors. */
export function evaluateBounded(
  shadow: Shadow,
  expression: Expression,
  leading: readonly Bounded[],
  shape: readonly number[],
): Bounded[] {
  const count = reference.elementCount(shape);
  const known = [...leading, ...expression.inputs.map((view) => readBounded(shadow, view))];
  for (const instruction of expression.body) {
    const columns = known.map(({ type, values }) => ({ type, column: values }));
    const values = reference.evaluateInstruction(instruction, columns, shape, 0, count);
    const given = instruction.arguments.map((index) => known[index]!);
    known.push({ type: instruction.dataType, shape, values, errors: instructionErrors(instruction, given, values) });
  }
  return expression.results.map((index) => known[index]!);
}
