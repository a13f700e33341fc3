import type { Adapter, Expression, Operand, Step, Support, Target, Tensor, Type } from '@halyard/core';
import { readableTypes } from './adapter.js';

/** Types that expressions compute with and that can be written. */
const computedTypes: readonly Type[] = readableTypes.filter((type) => !/^q\d/.test(type));
const kinds = ['map', 'reduce', 'normalize', 'matmul', 'attention', 'gather', 'scatter', 'scan', 'sort'];
/** Values of one expression, with its inputs and instructions. */
const greatestValues = 400;

/** Pure: asks neither the addon nor the machine. */
export function supports(_adapter: Adapter, step: Step, tensors: readonly Tensor[]): Support {
  if (!kinds.includes(step.kind)) return { part: 'step', reason: `${step.kind} runs as the steps of its body` };
  if (step.kind === 'matmul' && !String(step.attributes.accumulate).startsWith('float'))
    return { part: 'step', reason: `sums in ${step.attributes.accumulate} are not done: matmul adds in float32` };
  for (const operand of step.inputs) {
    const answer = operand ? readable(operand, tensors) : true;
    if (answer !== true) return answer;
  }
  for (const target of step.outputs) {
    const answer = writable(target, tensors);
    if (answer !== true) return answer;
  }
  if (step.kind === 'scatter' && step.epilogue)
    return { part: 'epilogue', reason: 'scatter stores what it combines as it is' };
  if (!step.epilogue) return true;
  const reason = refusedExpression(step.epilogue, tensors);
  return reason === undefined ? true : { part: step.kind === 'map' ? 'step' : 'epilogue', reason };
}

function readable(operand: Operand, tensors: readonly Tensor[]): Support {
  const { type } = tensors[operand.tensor]!;
  if (!readableTypes.includes(type)) return { part: 'step', reason: `reading ${type} is not done` };
  if (!operand.prologue) return true;
  const reason = refusedExpression(operand.prologue, tensors);
  return reason === undefined ? true : { part: 'prologue', reason };
}

function writable(target: Target, tensors: readonly Tensor[]): Support {
  const { type } = tensors[target.tensor]!;
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
