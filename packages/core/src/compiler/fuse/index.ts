import type { Step } from '../../contract/index.js';
import { normalizeMap } from '../expressions/normal-map.js';
import type { Module } from '../module.js';
import { StepGraph } from '../step-graph.js';
import { recognizeAttention } from './attention-pattern.js';
import { concatenateMatmuls } from './concatenated-matmuls.js';
import { forwardCopy } from './copy-forwarding.js';
import { foldBatches } from './fold-batches.js';
import { gateMatmuls } from './gated-matmuls.js';
import { fuseMapIntoEpilogue } from './map-into-epilogue.js';
import { fuseMapIntoMap } from './map-into-map.js';
import { fuseMapIntoPrologue } from './map-into-prologue.js';
import { recognizeNormalization } from './normalization-patterns.js';
import { recognizeActivations } from './scalar-patterns.js';
import type { FusionTarget } from './target.js';

export type { FusionTarget } from './target.js';

/** Rewrites what leads to `step`, if it can; says whether it did. */
type Rule = (graph: StepGraph, step: Step, target: FusionTarget) => boolean;

/** In the order in which they are tried at each step. */
const rules: readonly Rule[] = [
  forwardCopy,
  foldBatches,
  gateMatmuls,
  fuseMapIntoEpilogue,
  fuseMapIntoMap,
  fuseMapIntoPrologue,
];

/** What shows, or is right to do, only where nothing else is left to draw together. */
const whenStable: readonly Rule[] = [
  recognizeActivations,
  recognizeNormalization,
  recognizeAttention,
  concatenateMatmuls,
];

/**
 * Draws elementwise work into the neighbour that moves the data, joins matmuls that share an operand, lets producers
 * write where their results are wanted, and recognizes composite operations built from primitives. Results stay the
 * same, save that floats may be kept wider between what were steps; where an intermediate was stored in a narrower
 * type, its cast stays.
 */
export function fuse(module: Module, target: FusionTarget): Module {
  const normal = module.steps.map((step) => (step.kind === 'map' ? normalizeMap(step, module.tensors) : step));
  const graph = new StepGraph({ tensors: module.tensors, steps: normal });
  do {
    applyUntilStable(graph, rules, target);
  } while (applyUntilStable(graph, whenStable, target));
  return graph.toModule();
}

function applyUntilStable(graph: StepGraph, rules: readonly Rule[], target: FusionTarget): boolean {
  let hasChanged = false;
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const step of [...graph.steps]) {
      while (graph.has(step) && rules.some((rule) => rule(graph, step, target))) {
        isStable = false;
        hasChanged = true;
      }
    }
  }
  return hasChanged;
}
