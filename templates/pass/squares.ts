// Template of a compiler pass. Goes to packages/core/src/compiler/squares.ts.
import type { Expression, Instruction, Module, Step } from '@halyard/core';
import { resultCount } from '../../packages/core/src/compiler/expressions/value-types.js';

/**
 * Writes pow(x, 2) as x·x, in prologues and epilogues alike: a multiplication instead of a logarithm and an exponential.
 *
 * A pass is a pure function from a module to a module. It changes nothing that it was handed; what it does not touch it
 * hands on as the very same object. Instructions that are no longer used stay: `simplify` takes them away.
 */
export function squares(module: Module): Module {
  return { tensors: module.tensors, steps: module.steps.map(rewriteStep) };
}

function rewriteStep(step: Step): Step {
  const inputs = step.inputs.map((operand) => {
    // In a prologue, value 0 is the element that is read.
    const prologue = operand?.prologue && rewriteExpression(operand.prologue, 1);
    return prologue === operand?.prologue ? operand : { ...operand!, prologue: prologue! };
  });
  // In an epilogue, the first values are the results of the step; of a map, its inputs.
  const values = step.kind === 'map' ? step.inputs.length : resultCount(step);
  const epilogue = step.epilogue && rewriteExpression(step.epilogue, values);
  const isSame = epilogue === step.epilogue && inputs.every((operand, index) => operand === step.inputs[index]);
  return isSame ? step : { ...step, inputs, ...(epilogue && { epilogue }) };
}

function rewriteExpression(expression: Expression, values: number): Expression {
  // After those values come the elements of `inputs`, then one value for each instruction.
  const first = values + expression.inputs.length;
  const isTwo = (value: number | undefined) => {
    const made = value === undefined ? undefined : expression.body[value - first];
    return made?.op === 'constant' && Number(made.value) === 2;
  };
  const body = expression.body.map((instruction): Instruction => {
    const [base, exponent] = instruction.arguments;
    if (instruction.op !== 'pow' || !isTwo(exponent)) return instruction;
    return { op: 'mul', arguments: [base!, base!], dataType: instruction.dataType };
  });
  return body.every((instruction, index) => instruction === expression.body[index])
    ? expression
    : { ...expression, body };
}
