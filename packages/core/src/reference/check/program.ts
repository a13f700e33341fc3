import {
  byteLength,
  contractVersion,
  type Program,
  type Step,
  type StepKind,
  type Tensor,
  typeLayouts,
} from '../../contract/index.js';
import { badProgram } from '../failures.js';
import { stepKinds } from '../run-step.js';
import { targetShape } from '../store.js';
import { checkExpression } from './expression.js';
import { resultShapes } from './shapes.js';
import { checkOperand, checkShape, checkTarget } from './views.js';

/**
 * Checks a program against the rules of the contract that concern its form: indices, shapes, memory.
 *
 * @throws HalyardError `bad-program`, saying where
 */
export function checkProgram(program: Program): void {
  if (program.version.major !== contractVersion.major) {
    throw badProgram(`a program of contract ${program.version.major}`, `contract ${contractVersion.major}`);
  }
  for (const [index, tensor] of program.tensors.entries()) checkTensor(tensor, program, `tensor ${index}`);
  for (const [index, step] of program.steps.entries()) {
    const where = `step ${index} (${step.kind})`;
    checkStep(step, program.tensors, where);
    if (!step.after.every((earlier) => Number.isInteger(earlier) && earlier >= 0 && earlier < index)) {
      throw badProgram(`${where}: after [${step.after}]`, 'earlier steps');
    }
  }
}

function checkTensor({ type, shape, at, offset }: Tensor, program: Program, where: string): void {
  if (!(type in typeLayouts)) throw badProgram(`${where}: type ${type}`, 'a type of contract/types.ts');
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw badProgram(`${where}: shape [${shape}]`, 'extents that are whole and not negative');
  }
  if (at === 'none') return;
  const room = at === 'workspace' ? program.workspaceBytes : (program.bindings[at.binding]?.bytes ?? -1);
  const end = offset + byteLength(type, shape);
  if (!(offset >= 0 && end <= room)) {
    throw badProgram(`${where}: bytes ${offset} to ${end} where there are ${room}`, 'a tensor inside of its memory');
  }
}

function checkStep(step: Step, tensors: readonly Tensor[], where: string): void {
  for (const [position, operand] of step.inputs.entries()) {
    if (operand) checkOperand(operand, tensors, `${where}, input ${position}`);
  }
  for (const [position, target] of step.outputs.entries()) checkTarget(target, tensors, `${where}, output ${position}`);
  if (!stepKinds.includes(step.kind as StepKind)) {
    if (!step.body) throw badProgram(`${where}: a kind without a body`, `a body, or one of ${stepKinds.join(', ')}`);
    for (const [index, inner] of step.body.entries())
      checkStep(inner, tensors, `${where}, body ${index} (${inner.kind})`);
    return;
  }
  const results = resultShapes(step, where);
  const { epilogue } = step;
  if (step.kind === 'map' && !epilogue) throw badProgram(`${where}: no epilogue`, 'the expression that a map computes');
  const values = step.kind === 'map' ? step.inputs.length : step.kind === 'attention' ? 1 : results.length;
  if (epilogue) checkExpression(epilogue, values, results[0]!, tensors, `${where}, epilogue`);
  const stored = epilogue ? epilogue.results.map(() => results[0]!) : results;
  for (const [position, target] of step.outputs.entries()) {
    // Attention's second output is the sum of each row, whatever the epilogue makes of the first.
    const shape = step.kind === 'attention' && position === 1 ? results[1] : stored[position];
    if (!shape)
      throw badProgram(`${where}: output ${position} of ${stored.length} results`, 'a result for each output');
    checkShape(targetShape(target), shape, `${where}, output ${position}`);
  }
}
