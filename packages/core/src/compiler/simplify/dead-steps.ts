import type { Step } from '../../contract/index.js';
import { readsOf } from '../accesses.js';
import { ExpressionWriter } from '../expressions/expression-writer.js';
import { readOperand } from '../expressions/normal-map.js';
import type { Module } from '../module.js';

/** Takes away steps, and outputs of maps, that no output and no state depends on. */
export function removeDeadSteps(module: Module): Module {
  const needed = new Set<number>();
  const steps: Step[] = [];
  const isNeeded = (tensor: number) => module.tensors[tensor]!.origin.kind !== 'temporary' || needed.has(tensor);
  for (const step of [...module.steps].reverse()) {
    if (!step.outputs.some(({ tensor }) => isNeeded(tensor))) continue;
    const kept = step.kind === 'map' ? withoutOutputs(module, step, isNeeded) : step;
    for (const { tensor } of readsOf(kept)) needed.add(tensor);
    // A scatter adds to what is there already.
    if (kept.kind === 'scatter') for (const { tensor } of kept.outputs) needed.add(tensor);
    steps.push(kept);
  }
  return { tensors: module.tensors, steps: steps.reverse() };
}

function withoutOutputs(module: Module, step: Step, isNeeded: (tensor: number) => boolean): Step {
  const kept = step.outputs.map(({ tensor }) => isNeeded(tensor));
  if (kept.every((isKept) => isKept)) return step;
  const writer = new ExpressionWriter(module.tensors);
  const values = step.inputs.map((input) => readOperand(writer, input!));
  const results = writer.inline(step.epilogue!, values)!.filter((_, output) => kept[output]);
  return { ...step, ...writer.finishMap(results), outputs: step.outputs.filter((_, output) => kept[output]) };
}
