import type { Expression, Tensor } from '../../contract/index.js';
import { badProgram } from '../failures.js';
import { isBinary, isComparison, isUnary } from '../scalar.js';
import { checkShape, checkView } from './views.js';

/** How many arguments a scalar operator takes; `undefined` for one that is not in the contract. */
export function argumentCount(op: string): number | undefined {
  if (op === 'constant' || op === 'coordinate') return 0;
  if (op === 'cast' || op === 'not' || op === 'isNaN' || op === 'isInfinite' || isUnary(op)) return 1;
  if (op === 'select') return 3;
  return op === 'random' || isBinary(op) || isComparison(op) ? 2 : undefined;
}

/**
 * @param leading how many values come before the inputs
 * @throws HalyardError `bad-program`
 */
export function checkExpression(
  expression: Expression,
  leading: number,
  shape: readonly number[],
  tensors: readonly Tensor[],
  where: string,
): void {
  for (const [position, view] of expression.inputs.entries()) {
    checkView(view, tensors, `${where}, input ${position}`);
    checkShape(view.shape, shape, `${where}, input ${position}`);
  }
  let values = leading + expression.inputs.length;
  for (const instruction of expression.body) {
    const { op, arguments: given, value } = instruction;
    const count = argumentCount(op);
    if (count === undefined) throw badProgram(`${where}: scalar operator ${op}`, 'one of contract/expression.ts');
    if (given.length !== count) throw badProgram(`${where}: ${op} with ${given.length} arguments`, `${count}`);
    if (!given.every((index) => index >= 0 && index < values)) {
      throw badProgram(`${where}: ${op} of values [${given}]`, `values before it, below ${values}`);
    }
    if (op === 'coordinate' && shape[Number(value)] === undefined) {
      throw badProgram(`${where}: coordinate of axis ${value}`, `an axis of shape [${shape}]`);
    }
    values++;
  }
  if (!expression.results.every((index) => index >= 0 && index < values)) {
    throw badProgram(`${where}: results [${expression.results}]`, `values below ${values}`);
  }
}
