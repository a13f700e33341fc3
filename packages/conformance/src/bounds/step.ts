import { type Operand, reference, type Step, type Target } from '@halyard/core';
import { attentionErrors } from './attention.js';
import type { Bounded } from './bounded.js';
import { unitInLastPlace } from './bounded.js';
import { evaluateBounded, readBounded } from './expression.js';
import { matmulErrors } from './matmul.js';
import { normalizeErrors } from './normalize.js';
import { gatherErrors, scanErrors, sortErrors } from './order.js';
import { reduceErrors } from './reduce.js';
import { castError } from './scalar.js';
import { scatterErrors } from './scatter.js';
import type { Shadow } from './shadow.js';

/** Runs a step by the reference and works out the errors of what it stores. */
export function runBounded(shadow: Shadow, step: Step): void {
  if (step.body && !reference.stepKinds.includes(step.kind as never)) {
    for (const inner of step.body) runBounded(shadow, inner);
    return;
  }
  const operands = step.inputs.map((operand) => operand && boundedOperand(shadow, operand));
  const stored = step.kind === 'scatter' ? [] : storedValues(shadow, step, operands);
  const store =
    step.kind === 'scatter'
      ? scatterErrors(shadow, step as Step<'scatter'>, operands as Bounded[])
      : () => {
          for (const [position, target] of step.outputs.entries()) storeErrors(shadow, target, stored[position]!);
        };
  for (const _ of reference.runStep(shadow.memory, step));
  store();
}

function storedValues(shadow: Shadow, step: Step, operands: readonly (Bounded | null)[]): Bounded[] {
  const results = reference.stepResults(shadow.memory, step);
  const errors = resultErrors(shadow, step, operands, results);
  const bounded = results.map((result, position): Bounded => ({ ...result, errors: errors[position]! }));
  if (!step.epilogue) return bounded;
  const shape = bounded[0]?.shape ?? reference.targetShape(step.outputs[0]!);
  const isAttention = step.kind === 'attention';
  const values = evaluateBounded(shadow, step.epilogue, isAttention ? bounded.slice(0, 1) : bounded, shape);
  return isAttention && bounded[1] ? [values[0]!, bounded[1]] : values;
}

function resultErrors(
  shadow: Shadow,
  step: Step,
  operands: readonly (Bounded | null)[],
  results: readonly reference.Dense[],
): Float64Array[] {
  const given = operands as Bounded[];
  const first = results[0]!;
  switch (step.kind) {
    case 'map':
      return given.map(({ errors }) => errors);
    case 'reduce':
      return [reduceErrors(step as Step<'reduce'>, given, first)];
    case 'normalize':
      return [normalizeErrors(step as Step<'normalize'>, given, first)];
    case 'matmul':
      return matmulErrors(step as Step<'matmul'>, given, results, shadow.memory.tensors);
    case 'attention':
      return attentionErrors(step as Step<'attention'>, operands);
    case 'gather':
      return [gatherErrors(step as Step<'gather'>, given, first)];
    case 'scan':
      return [scanErrors(step as Step<'scan'>, given, first)];
    default:
      return sortErrors(step as Step<'sort'>, given, results);
  }
}

function boundedOperand(shadow: Shadow, operand: Operand): Bounded {
  const { prologue, ...rest } = operand;
  const read = operand.quantization ? dequantized(shadow, rest) : readBounded(shadow, operand);
  return prologue ? evaluateBounded(shadow, prologue, [read], operand.shape)[0]! : read;
}

/** One product, with a scale that may itself be off. */
function dequantized(shadow: Shadow, operand: Operand): Bounded {
  const count = reference.elementCount(operand.shape);
  const { type, column } = reference.readOperand(shadow.memory, operand, 0, count);
  const { scale, zeroPoint } = operand.quantization!;
  const most = (numbers: ArrayLike<number | bigint>) =>
    Array.from(numbers, Number).reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  const scaleError = most(shadow.errors(scale));
  const zeroError = zeroPoint ? most(shadow.errors(zeroPoint)) : 0;
  const greatestScale = most(readBounded(shadow, scale).values);
  const greatestStored =
    most(readBounded(shadow, operand).values) + (zeroPoint ? most(readBounded(shadow, zeroPoint).values) : 0);
  const carried = greatestStored * scaleError + zeroError * (greatestScale + scaleError);
  const errors = Float64Array.from({ length: count }, (_, i) =>
    Number.isFinite(Number(column[i]))
      ? carried + unitInLastPlace(Math.abs(Number(column[i])), type)
      : carried && Infinity,
  );
  return { type, shape: operand.shape, values: column, errors };
}

function storeErrors(shadow: Shadow, target: Target, { type, shape, values, errors }: Bounded): void {
  const to = reference.readType(shadow.memory.tensors[target.tensor]!.type);
  const stored = errors.map((error, i) => castError(Number(values[i]), error, type, to));
  shadow.store(target, stored, shape);
}
