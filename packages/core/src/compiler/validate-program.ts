import { byteLength, contractVersion, type Program, type Step, type Tensor, typeLayouts } from '../contract/index.js';
import { readsOf } from './accesses.js';
import { unorderedPair } from './dependences.js';
import { elementType } from './expressions/operators.js';
import { resultCount, resultTypes } from './expressions/value-types.js';
import { isAliasSafe } from './fuse/legality.js';
import { programOverlap } from './program-overlap.js';
import { requiredVersion } from './since.js';
import { checkExpression, checkStore } from './validate/expressions.js';
import { kindChecks } from './validate/kinds.js';
import { checkArray, checkInteger, reject } from './validate/reject.js';
import { checkStructure } from './validate/structure.js';
import { checkOperand, checkShape, checkTarget } from './validate/views.js';
import { sameView } from './views.js';

/**
 * Checks a program against every rule of the contract: bounds, shapes, attributes and data types by kind, aliasing, and
 * that `after` orders all that depends on each other. For programs that come from a file, and for tests of whoever
 * makes programs.
 *
 * @throws HalyardError `bad-program`, naming the step and what is wrong
 */
export function validateProgram(program: Program): void {
  checkStructure(program);
  checkInteger(program.workspaceBytes, 'workspaceBytes', 0);
  checkBindings(program);
  for (const [at, tensor] of program.tensors.entries()) checkTensor(program, tensor, `tensor ${at}`);
  for (const [at, step] of program.steps.entries()) {
    checkStep(step, program.tensors, `step ${at} (${step.kind})`);
    checkAfter(step, at);
    checkPlaces(program, step, `step ${at} (${step.kind})`);
  }
  const open = unorderedPair(program.steps, programOverlap(program.tensors));
  if (open) reject(`step ${open.later} does not wait for step ${open.earlier}`, 'every dependence in `after`');
  checkVersion(program);
}

function checkVersion(program: Program): void {
  const { major, minor } = program.version;
  const needed = requiredVersion(program);
  if (major !== contractVersion.major || minor < needed.minor || minor > contractVersion.minor) {
    reject(
      `contract ${major}.${minor}`,
      `${needed.major}.${needed.minor} to ${contractVersion.major}.${contractVersion.minor}`,
    );
  }
}

function checkBindings({ bindings }: Program): void {
  const names = new Set<string>();
  for (const [at, binding] of bindings.entries()) {
    checkInteger(binding.bytes, `binding ${at}: bytes`, 0);
    if (!['input', 'output', 'state', 'constant'].includes(binding.role)) {
      reject(`binding ${at}: role ${binding.role}`, 'input, output, state or constant');
    }
    const name = binding.role === 'constant' ? binding.fingerprint : binding.name;
    if (typeof name !== 'string') reject(`binding ${at}: name ${String(name)}`, 'text');
    if (names.has(`${binding.role} ${name}`))
      reject(`binding ${at}: a second ${binding.role} ${name}`, 'one of each name');
    names.add(`${binding.role} ${name}`);
  }
}

function checkTensor({ bindings, workspaceBytes }: Program, tensor: Tensor, where: string): void {
  if (!Object.hasOwn(typeLayouts, tensor.type)) reject(`${where}: type ${tensor.type}`, 'a type of this contract');
  checkArray(tensor.shape, `${where}: shape`);
  for (const extent of tensor.shape) checkInteger(extent, `${where}: extent`, 0);
  checkInteger(tensor.offset, `${where}: offset`, 0);
  if (tensor.at === 'none') return;
  if (tensor.at !== 'workspace') checkInteger(tensor.at?.binding, `${where}: binding`, 0, bindings.length - 1);
  const room = tensor.at === 'workspace' ? workspaceBytes : bindings[tensor.at.binding]!.bytes;
  const end = tensor.offset + byteLength(tensor.type, tensor.shape);
  if (end > room) reject(`${where}: bytes up to ${end}`, `at most ${room}`);
}

function checkStep(step: Step, tensors: readonly Tensor[], where: string): void {
  for (const [at, operand] of step.inputs.entries()) {
    if (operand) checkOperand(operand, tensors, `${where}: input ${at}`);
    else if (step.kind === 'map') reject(`${where}: input ${at} left out`, 'every input of a map');
  }
  for (const [at, target] of step.outputs.entries()) checkTarget(target, tensors, `${where}: output ${at}`);
  if (step.outputs.length === 0) reject(where, 'at least one output');
  checkPrologues(step, tensors, where);
  const check = Object.hasOwn(kindChecks, step.kind) ? kindChecks[step.kind]! : undefined;
  if (check) {
    checkResults(step, tensors, check(step, tensors, where), where);
  } else {
    if (!step.body) reject(`${where}: no body`, 'a known kind, or a body that says what it does');
    for (const [at, inner] of step.body.entries()) checkStep(inner, tensors, `${where}: body ${at} (${inner.kind})`);
  }
  if (!isAliasSafe(step)) reject(`${where}: writes what it reads or writes twice`, 'only the identical view in place');
}

function checkPrologues(step: Step, tensors: readonly Tensor[], where: string): void {
  for (const [at, operand] of step.inputs.entries()) {
    if (!operand?.prologue) continue;
    const read = elementType(tensors[operand.quantization?.scale.tensor ?? operand.tensor]!.type);
    const results = checkExpression(operand.prologue, [read], operand.shape, tensors, `${where}: prologue ${at}`);
    if (results.length !== 1) reject(`${where}: prologue with ${results.length} results`, 'one');
  }
}

function checkResults(
  step: Step,
  tensors: readonly Tensor[],
  shapes: readonly (readonly number[])[],
  where: string,
): void {
  const shape = shapes[0]!;
  const leading = resultTypes(step, tensors);
  if (!step.epilogue) {
    if (step.outputs.length > shapes.length)
      reject(`${where}: ${step.outputs.length} outputs`, `at most ${shapes.length}`);
    if (step.kind === 'matmul' && step.outputs.length !== shapes.length) {
      reject(`${where}: ${step.outputs.length} outputs`, `${shapes.length}, one for each b`);
    }
    step.outputs.forEach((target, at) => {
      checkShape(resultShape(target), shapes[at]!, `${where}: output ${at}`);
      if (leading[at] !== undefined) checkStore(leading[at], tensors[target.tensor]!, `${where}: output ${at}`);
    });
    return;
  }
  while (leading.length < resultCount(step)) leading.push('float32');
  const results = checkExpression(step.epilogue, leading, shape, tensors, `${where}: epilogue`);
  const isAttentionWithSums = step.kind === 'attention' && step.outputs.length === 2;
  if (results.length !== (isAttentionWithSums ? 1 : step.outputs.length)) {
    reject(`${where}: ${results.length} results for ${step.outputs.length} outputs`, 'one for each');
  }
  step.outputs.forEach((target, at) => {
    checkShape(resultShape(target), isAttentionWithSums ? shapes[at]! : shape, `${where}: output ${at}`);
    if (results[at] !== undefined) checkStore(results[at], tensors[target.tensor]!, `${where}: output ${at}`);
  });
}

function resultShape(target: Step['outputs'][number]): readonly number[] {
  if (!target.rows) return target.shape;
  return target.shape.map((extent, axis) => (axis === target.rows!.axis ? target.rows!.indices.shape[0]! : extent));
}

function checkAfter(step: Step, at: number): void {
  for (const earlier of step.after) checkInteger(earlier, `step ${at}: after`, 0, at - 1);
}

/** Different tensors in one memory are never read and written by one step, save in place through the identical view. */
function checkPlaces({ tensors }: Program, step: Step, where: string): void {
  const overlap = programOverlap(tensors);
  for (const target of step.outputs) {
    const tensor = tensors[target.tensor]!;
    if (tensor.at === 'none')
      reject(`${where}: writes a tensor that has no memory`, 'a place in a binding or the workspace');
    for (const view of [...readsOf(step), ...step.outputs]) {
      if (view.tensor === target.tensor || !overlap(target, view)) continue;
      const other = tensors[view.tensor]!;
      const isSamePlace =
        tensor.offset === other.offset &&
        typeLayouts[tensor.type].bytes === typeLayouts[other.type].bytes &&
        sameView({ ...view, tensor: target.tensor }, target);
      const isElementwise = step.kind === 'map' || step.epilogue?.inputs.includes(view);
      if (!isSamePlace || !isElementwise || target.rows || step.outputs.includes(view as never)) {
        reject(
          `${where}: tensors ${target.tensor} and ${view.tensor} overlap in memory`,
          'memory of their own, or the identical view',
        );
      }
    }
  }
}
