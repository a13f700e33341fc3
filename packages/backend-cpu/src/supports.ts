import type { Adapter, Expression, Operand, Step, StepKinds, Support, Target, Tensor, Type } from '@halyard/core';
import { readableTypes } from './adapter.js';

/** Types that expressions compute with and that can be written. */
const computedTypes: readonly Type[] = readableTypes.filter((type) => !/^q\d/.test(type));
/** Sums of products are float32, which holds what these do. */
const sumTypes: readonly string[] = ['float32', 'float16', 'bfloat16'];
const kinds = ['map', 'reduce', 'normalize', 'matmul', 'attention', 'gather', 'scatter', 'scan', 'sort'];
/** Values that one pass over tiles computes with: elements read, constants, instructions. */
const greatestValues = 400;
/** Right operands of a matmul. */
const greatestResults = 16;

/** Pure: asks neither the addon nor the machine. What it accepts, `compile` takes. */
export function supports(_adapter: Adapter, step: Step, tensors: readonly Tensor[]): Support {
  if (!kinds.includes(step.kind)) return { part: 'step', reason: `${step.kind} runs as the steps of its body` };
  const refused = refusedKind(step, tensors);
  if (refused !== undefined) return { part: 'step', reason: refused };
  for (const [position, operand] of step.inputs.entries()) {
    const answer = operand ? readable(step, position, operand, tensors) : true;
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
  if (reason !== undefined) return { part: step.kind === 'map' ? 'step' : 'epilogue', reason };
  return step.kind === 'map' ? smallEnough(step) : true;
}

/** What of a kind is not done, whatever its expressions are. */
function refusedKind({ kind, inputs, outputs, attributes }: Step, tensors: readonly Tensor[]): string | undefined {
  switch (kind) {
    case 'matmul': {
      const { accumulate } = attributes as StepKinds['matmul']['attributes'];
      if (!sumTypes.includes(accumulate)) return `sums in ${accumulate} are not done: matmul adds in float32`;
      const results = inputs.length - 1;
      return results > greatestResults ? `${results} right operands are more than ${greatestResults}` : undefined;
    }
    case 'reduce': {
      const { combine, accumulate } = attributes as StepKinds['reduce']['attributes'];
      if (combine === 'logSumExp' && !sumTypes.includes(accumulate)) return `logSumExp in ${accumulate} is not done`;
      return computedTypes.includes(accumulate) ? undefined : `reducing in ${accumulate} is not done`;
    }
    case 'scatter':
      return outputs.some(({ rows }) => rows) ? 'scatter into rows named at run time is not done' : undefined;
    case 'sort': {
      const { axis } = attributes as StepKinds['sort']['attributes'];
      return (inputs[0]?.shape[axis] ?? 0) >= 2 ** 31 ? 'sorting 2^31 elements and more is not done' : undefined;
    }
    case 'attention':
      return indicesOf(inputs).some((operand) => operand && (operand.quantization || typeOf(operand) !== 'int32'))
        ? 'lengths, starts and table are read as int32'
        : undefined;
    default:
      return undefined;
  }

  function typeOf({ tensor }: Operand): Type {
    return tensors[tensor]!.type;
  }
}

/** Of attention: lengths, starts and table. */
const indicesOf = (inputs: Step['inputs']): Step['inputs'] => inputs.slice(3, 6);

function readable(step: Step, position: number, operand: Operand, tensors: readonly Tensor[]): Support {
  const { quantization, prologue } = operand;
  for (const view of [operand, quantization?.scale, quantization?.zeroPoint]) {
    const { type } = tensors[view?.tensor ?? operand.tensor]!;
    if (!readableTypes.includes(type)) return { part: 'step', reason: `reading ${type} is not done` };
  }
  if (!prologue) return true;
  if (step.kind === 'attention' && position >= 3 && position < 6)
    return { part: 'prologue', reason: 'lengths, starts and table are read as they are' };
  const reason = refusedExpression(prologue, tensors);
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
  const values = valuesOf(expression);
  return values > greatestValues ? `${values} values in one expression are more than ${greatestValues}` : undefined;
}

const valuesOf = ({ inputs, body }: Expression): number => inputs.length + body.length;

/** A map reads its operands, prologues and all, in the same pass in which it computes. */
function smallEnough({ inputs, epilogue }: Step): Support {
  let values = epilogue ? valuesOf(epilogue) : 0;
  for (const operand of inputs) {
    values += 1 + (operand?.quantization ? 2 : 0) + (operand?.prologue ? valuesOf(operand.prologue) : 0);
  }
  if (values <= greatestValues) return true;
  const part = inputs.some((operand) => operand?.prologue) ? 'prologue' : 'step';
  return { part, reason: `${values} values in one pass are more than ${greatestValues}` };
}
