import { type Step, typeLayouts } from '../contract/index.js';
import { elementwiseReadsOf, readsOf } from './accesses.js';
import { isBlockType } from './expressions/operators.js';
import type { Module } from './module.js';
import { sameView } from './views.js';

/** First and last step that touch a temporary. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** When each temporary is in use; tensors that no step touches are left out. */
export function extentsOf(module: Module): Map<number, Extent> {
  const extents = new Map<number, Extent>();
  for (const [at, step] of module.steps.entries()) {
    for (const { tensor } of [...readsOf(step), ...step.outputs]) {
      if (module.tensors[tensor]!.origin.kind !== 'temporary') continue;
      extents.set(tensor, { first: extents.get(tensor)?.first ?? at, last: at });
    }
  }
  return extents;
}

/**
 * Which temporary takes over the memory of another: where an operand dies in the step that makes the result, and each
 * of its elements is read at the very index at which the result is written. Maps the result to the operand.
 */
export function inPlacePairs(module: Module, extents: ReadonlyMap<number, Extent>): Map<number, number> {
  const pairs = new Map<number, number>();
  for (const [at, step] of module.steps.entries()) {
    const taken = new Set<number>();
    for (const target of step.outputs) {
      if (target.rows || pairs.has(target.tensor) || extents.get(target.tensor)?.first !== at) continue;
      const operand = dyingOperand(module, step, target.tensor, (tensor) => {
        const extent = extents.get(tensor);
        return extent?.last === at && extent.first < at && !taken.has(tensor);
      });
      if (operand === undefined) continue;
      pairs.set(target.tensor, operand);
      taken.add(operand);
    }
  }
  return pairs;
}

function dyingOperand(
  module: Module,
  step: Step,
  result: number,
  isDying: (tensor: number) => boolean,
): number | undefined {
  const targets = step.outputs.filter(({ tensor }) => tensor === result);
  if (targets.length !== 1 || step.kind === 'scatter') return undefined;
  const elementwise = elementwiseReadsOf(step);
  const reads = readsOf(step);
  const { type } = module.tensors[result]!;
  return elementwise.find(({ tensor }) => {
    const other = module.tensors[tensor]!.type;
    if (!isDying(tensor) || isBlockType(other) || typeLayouts[other].bytes !== typeLayouts[type].bytes) return false;
    const own = reads.filter((read) => read.tensor === tensor);
    return own.every((read) => elementwise.includes(read) && sameView({ ...read, tensor: result }, targets[0]!));
  })?.tensor;
}
