import type { Step } from '../../contract/index.js';
import { typeLayouts } from '../../contract/index.js';
import { elementwiseReadsOf, readsOf } from '../accesses.js';
import { isBlockType } from '../expressions/operators.js';
import type { ModuleTensor } from '../module.js';
import { viewsOverlap } from '../view-overlap.js';
import { isInjective, sameView } from '../views.js';
import { readsWholeBlocks } from './reindex.js';
import type { FusionTarget } from './target.js';
import { unplacedTensors } from './target.js';

/**
 * Whether a fused step keeps the contract's rules and the device's limits, and the device takes it.
 *
 * @param before the step that the others are drawn into; refused on its own, it is decomposed or placed elsewhere later
 */
export function isLegal(step: Step, tensors: readonly ModuleTensor[], target: FusionTarget, before?: Step): boolean {
  return (
    keepsLimits(step, target) &&
    isAliasSafe(step) &&
    readsOf(step).every(({ tensor, ...view }) => {
      const { type } = tensors[tensor]!;
      return !isBlockType(type) || readsWholeBlocks({ tensor, ...view }, typeLayouts[type].elements);
    }) &&
    isTaken(step, tensors, target, before)
  );
}

/** Inputs, outputs and expression inputs of one step together. */
export function operandCount(step: Step): number {
  return readsOf(step).length + step.outputs.length;
}

/**
 * A step writes nothing that it reads, save through the identical view where each element is read before it is
 * written; and it writes each element once.
 */
export function isAliasSafe(step: Step): boolean {
  const reads = readsOf(step);
  const elementwise = new Set(elementwiseReadsOf(step));
  return step.outputs.every((target, index) => {
    if (!target.rows && !isInjective(target)) return false;
    if (step.outputs.slice(index + 1).some((other) => viewsOverlap(target, other))) return false;
    return reads.every(
      (read) => !viewsOverlap(target, read) || (!target.rows && elementwise.has(read) && sameView(target, read)),
    );
  });
}

function keepsLimits(step: Step, { limits }: FusionTarget): boolean {
  return (
    operandCount(step) <= limits.operandsPerStep &&
    [...readsOf(step), ...step.outputs].every(({ shape }) => shape.length <= limits.rank)
  );
}

function isTaken(step: Step, tensors: readonly ModuleTensor[], { supports }: FusionTarget, before?: Step): boolean {
  if (!supports) return true;
  const unplaced = unplacedTensors(tensors);
  const answer = supports(step, unplaced);
  if (answer === true) return true;
  return answer.part === 'step' && before !== undefined && supports(before, unplaced) !== true;
}
