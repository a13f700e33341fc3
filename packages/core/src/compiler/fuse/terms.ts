import type { ScalarOperator } from '../../contract/index.js';
import type { ExpressionWriter, Value } from '../expressions/expression-writer.js';
import { isCommutative } from '../expressions/operators.js';

/** The arguments of a value that this operator computes; of a commutative one in both orders. */
export function argumentsOf(writer: ExpressionWriter, value: Value, op: ScalarOperator): readonly (readonly Value[])[] {
  const instruction = writer.instructionOf(value);
  if (instruction?.op !== op) return [];
  const given = instruction.arguments;
  return isCommutative(op) ? [given, [...given].reverse()] : [given];
}

/** The number that a value is, if it is a constant. */
export function numberOf(writer: ExpressionWriter, value: Value): number | undefined {
  const instruction = writer.instructionOf(value);
  return instruction?.op === 'constant' ? Number(instruction.value) : undefined;
}

/** Whether a number is what it should be, up to the rounding of float32. */
export function isAbout(found: number | undefined, expected: number): boolean {
  return found !== undefined && Math.abs(found - expected) <= 1e-6 * Math.abs(expected);
}

/** A value divided by a number, or times its reciprocal: the value and the divisor. */
export function quotient(
  writer: ExpressionWriter,
  value: Value,
): { readonly of: Value; readonly by: number } | undefined {
  for (const [of, divisor] of argumentsOf(writer, value, 'div')) {
    const by = numberOf(writer, divisor!);
    if (by !== undefined) return { of: of!, by };
  }
  for (const [of, factor] of argumentsOf(writer, value, 'mul')) {
    const times = numberOf(writer, factor!);
    if (times !== undefined) return { of: of!, by: 1 / times };
  }
  return undefined;
}

/** The square that a value is the reciprocal root of, said with rsqrt, or with sqrt and a division. */
export function reciprocalRootOf(writer: ExpressionWriter, value: Value): Value | undefined {
  for (const [of] of argumentsOf(writer, value, 'rsqrt')) return of;
  for (const [of] of argumentsOf(writer, value, 'reciprocal')) return rootOf(writer, of!);
  for (const [one, of] of argumentsOf(writer, value, 'div')) {
    if (numberOf(writer, one!) === 1) return rootOf(writer, of!);
  }
  return undefined;
}

export function rootOf(writer: ExpressionWriter, value: Value): Value | undefined {
  for (const [of] of argumentsOf(writer, value, 'sqrt')) return of;
  return undefined;
}
