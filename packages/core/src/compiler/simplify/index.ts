import type { Module } from '../module.js';
import { mergeCommonSteps } from './common-steps.js';
import { type Evaluate, foldConstants } from './constant-folding.js';
import { removeDeadSteps } from './dead-steps.js';
import { simplifyExpressions } from './expressions.js';

export type { Evaluate } from './constant-folding.js';

/**
 * Removes what no result needs, computes once what is computed twice, computes now what depends on small constants
 * alone, and simplifies expressions where that gives the very same bits.
 *
 * @param evaluate runs steps exactly, for constant folding; left out, nothing is folded
 */
export function simplify(module: Module, evaluate?: Evaluate): Module {
  let simplified = simplifyExpressions(removeDeadSteps(module));
  for (let before = -1; before !== simplified.steps.length; ) {
    before = simplified.steps.length;
    const folded = evaluate ? foldConstants(simplified, evaluate) : simplified;
    simplified = removeDeadSteps(mergeCommonSteps(simplifyExpressions(folded)));
  }
  return simplified;
}
