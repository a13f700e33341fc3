import type { Expression, Operand, Program, Step, Target } from '../../contract/index.js';
import { checkArray, checkObject } from './reject.js';

/** Objects are objects and lists are lists, so that all further checks can rely on it. */
export function checkStructure(program: Program): void {
  checkObject(program, 'the program');
  checkObject(program.version, 'version');
  checkObjects(program.bindings, 'bindings');
  checkObjects(program.tensors, 'tensors');
  checkSteps(program.steps, 'steps');
}

function checkObjects(list: unknown, what: string): void {
  checkArray(list, what);
  for (const [at, entry] of (list as readonly unknown[]).entries()) checkObject(entry, `${what} ${at}`);
}

function checkSteps(steps: readonly Step[], what: string): void {
  checkObjects(steps, what);
  for (const [at, step] of steps.entries()) {
    const where = `${what} ${at}`;
    checkArray(step.inputs, `${where}: inputs`);
    checkObjects(step.outputs, `${where}: outputs`);
    checkArray(step.after, `${where}: after`);
    checkArray(step.origin, `${where}: origin`);
    checkObject(step.attributes, `${where}: attributes`);
    for (const operand of step.inputs) if (operand !== null) checkOperandStructure(operand, `${where}: input`);
    for (const target of step.outputs) checkTargetStructure(target, `${where}: output`);
    if (step.epilogue !== undefined) checkExpressionStructure(step.epilogue, `${where}: epilogue`);
    if (step.body !== undefined) checkSteps(step.body, `${where}: body`);
  }
}

function checkOperandStructure(operand: Operand, where: string): void {
  checkObject(operand, where);
  if (operand.prologue !== undefined) checkExpressionStructure(operand.prologue, `${where}: prologue`);
  const { quantization } = operand;
  if (quantization === undefined) return;
  checkObject(quantization, `${where}: quantization`);
  checkObject(quantization.scale, `${where}: scale`);
  if (quantization.zeroPoint !== undefined) checkObject(quantization.zeroPoint, `${where}: zero point`);
  checkArray(quantization.block, `${where}: block`);
}

function checkTargetStructure({ rows }: Target, where: string): void {
  if (rows === undefined) return;
  checkObject(rows, `${where}: rows`);
  checkObject(rows.indices, `${where}: indices of rows`);
}

function checkExpressionStructure(expression: Expression, where: string): void {
  checkObject(expression, where);
  checkObjects(expression.inputs, `${where}: inputs`);
  checkObjects(expression.body, `${where}: body`);
  for (const { arguments: given } of expression.body) checkArray(given, `${where}: arguments`);
  checkArray(expression.results, `${where}: results`);
}
