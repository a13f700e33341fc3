import type { Expression, Operand, Step, StepKind, Target as StepTarget, Support, Tensor } from '@halyard/core';
import { computedTypes, readableTypes } from './expression/index.js';
import { generators } from './steps/registry.js';
import type { StepGenerator } from './steps/step-generator.js';
import type { Target } from './target/target.js';

/** Values of one expression, with its inputs and instructions: more would not stay in registers. */
const greatestValues = 400;
/** A kernel has up to 4 KiB of parameters on every architecture. */
const greatestOperands = 500;

/** Whether kernels for a step can be generated, and if not, which part of it is in the way and why. Pure. */
export function supportsStep(target: Target, step: Step, tensors: readonly Tensor[]): Support {
  const generator = generators[step.kind as StepKind] as StepGenerator<StepKind> | undefined;
  if (!generator) return { part: 'step', reason: `${step.kind} runs as the steps that it stands for` };
  for (const operand of step.inputs) {
    const answer = operand ? readable(operand, tensors) : true;
    if (answer !== true) return answer;
  }
  for (const output of step.outputs) {
    const answer = writable(output, tensors);
    if (answer !== true) return answer;
  }
  const own = generator.supports?.(target, step as never, tensors) ?? true;
  if (own !== true) return own;
  const operands = step.inputs.length + step.outputs.length + (step.epilogue?.inputs.length ?? 0);
  if (operands > greatestOperands)
    return { part: 'step', reason: `${operands} operands are more than ${greatestOperands}` };
  if (!step.epilogue) return true;
  const reason = refusedExpression(step.epilogue, tensors);
  return reason === undefined ? true : { part: step.kind === 'map' ? 'step' : 'epilogue', reason };
}

function readable(operand: Operand, tensors: readonly Tensor[]): Support {
  const stored = [operand, operand.quantization?.scale, operand.quantization?.zeroPoint];
  for (const view of stored) {
    const type = view && tensors[view.tensor]!.type;
    if (type && !readableTypes.includes(type)) return { part: 'step', reason: `reading ${type} is not done` };
  }
  if (!operand.prologue) return true;
  const reason = refusedExpression(operand.prologue, tensors);
  return reason === undefined ? true : { part: 'prologue', reason };
}

function writable(output: StepTarget, tensors: readonly Tensor[]): Support {
  const { type } = tensors[output.tensor]!;
  return computedTypes.includes(type) ? true : { part: 'step', reason: `writing ${type} is not done` };
}

function refusedExpression(expression: Expression, tensors: readonly Tensor[]): string | undefined {
  for (const { tensor } of expression.inputs) {
    const { type } = tensors[tensor]!;
    if (!readableTypes.includes(type)) return `reading ${type} is not done`;
  }
  const refused = expression.body.find(({ dataType }) => !computedTypes.includes(dataType));
  if (refused) return `computing with ${refused.dataType} is not done`;
  const values = expression.inputs.length + expression.body.length;
  return values > greatestValues ? `${values} values in one expression are more than ${greatestValues}` : undefined;
}
