import type { Step } from '../../contract/index.js';
import { plainView, readsOf, withTensors } from '../accesses.js';
import { canonicalText } from '../canonical-text.js';
import type { Module } from '../module.js';
import { isWhole } from '../views.js';

/**
 * Equal constants become one tensor, and of steps that compute the same from the same only the first stays. A step that
 * reads a state counts as the same only while nobody has written that state in between.
 */
export function mergeCommonSteps(module: Module): Module {
  const replacement = new Map<number, number>(commonConstants(module));
  const known = new Map<string, Step>();
  const writes = new Map<number, number>();
  const writers = new Map<number, number>();
  for (const { outputs } of module.steps) {
    for (const { tensor } of outputs) writers.set(tensor, (writers.get(tensor) ?? 0) + 1);
  }
  const steps: Step[] = [];
  for (const original of module.steps) {
    const step = withTensors(original, (tensor) => replacement.get(tensor) ?? tensor);
    const isMergeable = step.outputs.every(
      (target) =>
        !target.rows &&
        writers.get(target.tensor) === 1 &&
        module.tensors[target.tensor]!.origin.kind === 'temporary' &&
        isWhole(target, module.tensors[target.tensor]!.shape),
    );
    if (isMergeable && step.kind !== 'scatter') {
      const key = keyOf(module, step, writes);
      const same = known.get(key);
      if (same) {
        for (const [at, { tensor }] of step.outputs.entries()) replacement.set(tensor, same.outputs[at]!.tensor);
        continue;
      }
      known.set(key, step);
    }
    for (const { tensor } of step.outputs) writes.set(tensor, (writes.get(tensor) ?? 0) + 1);
    steps.push(step);
  }
  return { tensors: module.tensors, steps };
}

/** Everything that the results depend on, with the number of writes so far standing for what a tensor holds. */
function keyOf(module: Module, step: Step, writes: ReadonlyMap<number, number>): string {
  const outputs = step.outputs.map((target) => {
    const { type, shape } = module.tensors[target.tensor]!;
    return [type, shape, { ...plainView(target), tensor: 0 }];
  });
  const held = readsOf(step).map(({ tensor }) => writes.get(tensor) ?? 0);
  return canonicalText([step.kind, step.inputs, step.attributes, step.epilogue, step.body, outputs, held]);
}

function commonConstants(module: Module): Map<number, number> {
  const first = new Map<string, number>();
  const replacement = new Map<number, number>();
  for (const [index, { type, shape, origin }] of module.tensors.entries()) {
    if (origin.kind !== 'constant') continue;
    const key = `${origin.source.fingerprint} ${type} ${shape.join(',')}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, index);
    else replacement.set(index, known);
  }
  return replacement;
}
